// Owns how the requests of Python's files become C++ values: members of dicts, what a commit carries, how Parquet files
// are written, the progress that a caller wants to hear of. Knows no operation.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "bindings.h"
#include "deltic/write.h"

namespace deltic::python {

using Text = std::string;
template <class T>
using Maybe = std::optional<T>;

// The member of a request; nullopt when it is missing or None.
template <class T>
Maybe<T> Get(const nb::dict& request, const char* name) {
  if (!request.contains(name)) return std::nullopt;
  nb::object value = request[name];
  if (value.is_none()) return std::nullopt;
  return nb::cast<T>(value);
}

template <class T>
void Set(T& to, const nb::dict& request, const char* name) {
  if (auto value = Get<T>(request, name)) to = std::move(*value);
}

template <class T>
void Set(Maybe<T>& to, const nb::dict& request, const char* name) {
  to = Get<T>(request, name);
}

// The member "commit" of a request, and "parquet"; what is missing is the default.
CommitProperties CommitOf(const nb::dict& request);
WriterProperties ParquetOf(const nb::dict& request);
// The members of what a commit carries (the value of "commit").
CommitProperties ToCommit(const nb::dict& commit);

// The stream of a capsule becomes ours; the capsule keeps an empty one.
ArrowArrayStream TakeStream(const nb::object& capsule);

// The member "progress" of a request: a callable, or none.
nb::object ProgressOf(const nb::dict& request);

// What `work(cancel)` answers; its errors are raised. `request.progress` is set to what feeds the caller's callable.
template <class Request, class Work>
auto RunTold(const nb::dict& given, Request& request, Work&& work) {
  CancelToken cancel;
  Telling telling(ProgressOf(given));
  request.progress = telling.callback();
  return Unwrap(Interruptible(cancel, telling, [&] { return work(cancel); }));
}

template <class Request, class Work>
using OutcomeOf = typename std::invoke_result_t<Work, Table&, const Request&, const CancelToken&>::value_type;

// Runs `work(table, request, cancel)` on a copy of `table`, which may be in use by other threads; answers its outcome
// as `to_dict` makes it, and the table as it is then.
template <class Request, class Work>
nb::tuple ChangeTable(const Table& table, const nb::dict& given, Request request, Work work,
                      nb::dict (*to_dict)(const OutcomeOf<Request, Work>&)) {
  Table moved = table;
  const auto outcome = RunTold(given, request, [&](const CancelToken& cancel) { return work(moved, request, cancel); });
  return nb::make_tuple(to_dict(outcome), nb::cast(std::move(moved)));
}

}  // namespace deltic::python
