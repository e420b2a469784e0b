// Owns what the parts of the extension module share: errors as Python exceptions, work that Ctrl-C stops, and streams.
// Does not know any Python name of the package but deltic.exceptions.
#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "deltic/arrow.h"
#include "deltic/progress.h"
#include "deltic/result.h"
#include "deltic/table.h"

namespace deltic::python {

namespace nb = nanobind;

// Raises the exception class of the error's code (deltic.exceptions). Needs the GIL.
[[noreturn]] void Raise(const Error& error);

template <class T>
T Unwrap(Result<T> result) {
  if (!result.ok()) Raise(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

// Runs work without the GIL. For what takes milliseconds; see Interruptible for what may take longer.
template <class F>
auto WithoutGil(F&& work) {
  nb::gil_scoped_release release;
  return work();
}

// What an operation tells of itself while it runs, kept for the thread that waits for it: the operation's threads never
// need the GIL, so that none of them can wait for Python. Only the newest word counts. Safe to share.
class Telling {
 public:
  // `listener` is called as listener(phase, done, total, unit), total 0 where it is not known; None hears nothing.
  explicit Telling(nb::object listener = nb::none()) : listener_(std::move(listener)) {}
  Telling(const Telling&) = delete;
  Telling& operator=(const Telling&) = delete;

  // What the operation calls, on any thread; empty when nobody listens. Must not outlive this.
  ProgressCallback callback();
  // Hands what is new to the listener. Needs the GIL; false when the listener raised, which stays raised.
  bool Pass();

 private:
  nb::object listener_;
  std::mutex mutex_;
  std::optional<Progress> news_;
};

// Writes on an exception (Ctrl-C) that it has also left open whether a commit was made: who only saw the exception
// would run the operation again. From Python 3.11 on, which shows such notes. Needs the GIL.
void NoteOpenCommit(const Error& error, nb::python_error& exception);

// Runs work on a thread of its own while this one waits and answers signals, because Python runs signal handlers only
// in its main thread and only when asked. A handler or listener that raises (Ctrl-C) cancels the token, which the
// work's requests to storage heed as well; the work is always waited for, and then the exception goes on. Needs the
// GIL, which it gives up meanwhile.
template <class F>
auto Interruptible(CancelToken cancel, Telling& telling, F&& work) {
  using T = decltype(work());
  std::optional<T> result;
  std::mutex mutex;
  std::condition_variable wake;
  bool done = false;
  bool raised = false;
  {
    nb::gil_scoped_release release;
    std::thread thread([&] {
      const CancelScope scope(StopSign::Here().With(cancel));
      result.emplace(work());
      std::lock_guard lock(mutex);
      done = true;
      wake.notify_one();
    });
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, std::chrono::milliseconds(50), [&] { return done; })) {
      if (raised) continue;
      lock.unlock();
      {
        nb::gil_scoped_acquire acquire;
        raised = PyErr_CheckSignals() != 0 || !telling.Pass();
      }
      if (raised) cancel.Cancel();
      lock.lock();
    }
    lock.unlock();
    thread.join();
  }
  if (!raised) raised = PyErr_CheckSignals() != 0 || !telling.Pass();
  if (raised) {
    nb::python_error exception;
    if constexpr (requires { result->error(); }) {
      if (!result->ok()) NoteOpenCommit(result->error(), exception);
    }
    throw std::move(exception);
  }
  return std::move(*result);
}

template <class F>
auto Interruptible(CancelToken cancel, F&& work) {
  Telling nobody;
  return Interruptible(std::move(cancel), nobody, std::forward<F>(work));
}

// Work that does nothing long but wait for storage.
template <class F>
auto Interruptible(F&& work) {
  return Interruptible(CancelToken(), std::forward<F>(work));
}

// A schema of our own: copied from an engine's stream, with the names that Delta readers expect for the items of lists
// ("element"), where engines differ. Immutable, safe to share.
class SchemaCopy {
 public:
  explicit SchemaCopy(const ArrowSchema& schema);
  SchemaCopy(std::string format, std::string name, int64_t flags, std::vector<SchemaCopy> children);
  void Export(ArrowSchema* out) const;

 private:
  std::string format_, name_, metadata_;
  bool has_metadata_ = false;
  int64_t flags_ = 0;
  std::vector<SchemaCopy> children_;
  std::shared_ptr<const SchemaCopy> dictionary_;
};

// The rows of a read that is under way, and what stops it. One thread at a time: each call takes the mutex.
struct Rows {
  std::mutex mutex;
  ArrowArrayStream stream{};
  CancelToken cancel;
  std::shared_ptr<const SchemaCopy> schema;

  ~Rows();
  // Takes what the engine made; answers its error when there is no schema to be had.
  static Result<std::shared_ptr<Rows>> Start(ArrowArrayStream stream, CancelToken cancel);
  // The next batch; one without a release function is the end.
  Result<ArrowArray> Next();
  void Close();
};

// A Rows as Python sees it.
nb::object MakeStream(std::shared_ptr<Rows> rows);
// Batches that are in memory already, as Python sees them. They are owned from here on.
nb::object MakeBatches(SchemaCopy schema, std::vector<ArrowArray> batches);

void BindFileFacts(nb::class_<Table>& table);
void BindStore(nb::module_& module);
void BindStream(nb::module_& module);
void BindTable(nb::module_& module);
void BindClone(nb::module_& module, nb::class_<Table>& table);
void BindChange(nb::class_<Table>& table);
void BindMerge(nb::class_<Table>& table);
void BindVacuum(nb::class_<Table>& table);
void BindHealth(nb::class_<Table>& table);
void BindOptimize(nb::class_<Table>& table);
void BindWrite(nb::module_& module, nb::class_<Table>& table);

}  // namespace deltic::python
