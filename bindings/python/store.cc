// Owns RawStore: reading of objects beside a table, for deltic.fs. Folders are what the keys of objects make them: a
// store knows none. Does not write and knows no Delta.
#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "bindings.h"
#include "snapshot/snapshot.h"
#include "storage/object_store.h"
#include "stores/open_store.h"
#include "table/state.h"

namespace deltic::python {
namespace {

using Text = std::string;

struct Store {
  std::shared_ptr<ObjectStore> objects;
};

// (key, size, milliseconds since the epoch), or None where there is no such object.
nb::object Head(const Store& store, const Text& key) {
  auto meta = Interruptible([&] { return store.objects->Head(key); });
  if (!meta.ok() && meta.error().code() == Code::kNotFound) return nb::none();
  const auto& found = Unwrap(std::move(meta));
  return nb::make_tuple(found.key, found.size_bytes, found.modified_ms);
}

nb::bytes Read(const Store& store, const Text& key, int64_t offset, int64_t length) {
  CancelToken cancel;
  const auto bytes =
      Unwrap(Interruptible(cancel, [&] { return store.objects->GetRange(key, {.offset = offset, .length = length}); }));
  return nb::bytes(bytes.data(), bytes.size());
}

// Every object below a folder ("" or ending in '/'): as Head has them.
nb::list List(const Store& store, const Text& folder) {
  std::vector<ObjectMeta> found;
  CancelToken cancel;
  Unwrap(Interruptible(cancel, [&]() -> Status {
    return store.objects->ListRecursive(folder, [&](const ObjectMeta& meta) {
      found.push_back(meta);
      return !cancel.cancelled();
    });
  }));
  nb::list out;
  for (const auto& meta : found) out.append(nb::make_tuple(meta.key, meta.size_bytes, meta.modified_ms));
  return out;
}

}  // namespace

void BindStore(nb::module_& module) {
  nb::class_<Store>(module, "RawStore")
      .def("uri", [](const Store& self) { return self.objects->uri(); })
      .def("head", Head, nb::arg("key"))
      .def("read", Read, nb::arg("key"), nb::arg("offset"), nb::arg("length"))
      .def("list", List, nb::arg("folder"));
  module.def(
      "open_store",
      [](const Text& uri, const StorageOptions& options) { return Store{Unwrap(OpenStore(uri, options))}; },
      nb::arg("uri"), nb::arg("storage_options"));
  module.def(
      "store_of", [](const Table& table) { return Store{table.state()->snapshot->store()}; }, nb::arg("table"));
}

}  // namespace deltic::python
