// Owns the extension module deltic._deltic: its parts, and how errors become exceptions. Names and documentation that
// users see are in the Python files beside it.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "bindings.h"
#include "deltic/table.h"

namespace deltic::python {

void Raise(const Error& error) {
  nb::module_ exceptions = nb::module_::import_("deltic.exceptions");
  nb::object type = error.conflict() != ConflictKind::kNone
                        ? exceptions.attr("_BY_CONFLICT")[nb::int_(static_cast<int>(error.conflict()))]
                        : exceptions.attr("_BY_CODE")[nb::int_(static_cast<int>(error.code()))];
  PyErr_SetObject(type.ptr(), nb::str(error.message().c_str(), error.message().size()).ptr());
  throw nb::python_error();
}

void NoteOpenCommit(const Error& error, nb::python_error& exception) {
  if (error.code() != Code::kCommitUnknown) return;
  const nb::handle value = exception.value();
  if (!nb::hasattr(value, "add_note")) return;
  value.attr("add_note")("CommitUnknownError: " + error.message());
}

}  // namespace deltic::python

NB_MODULE(_deltic, module) {
  // The interpreter may exit with readers still referenced from other modules: that is no leak of ours to report.
  nanobind::set_leak_warnings(false);
  module.def("version", &deltic::Version);
  deltic::python::BindStream(module);
  deltic::python::BindTable(module);
  deltic::python::BindStore(module);
}
