// Owns the way of an operation's progress to the thread that waits for it, and from there to a Python callable.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <utility>

#include "bindings.h"

namespace deltic::python {

ProgressCallback Telling::callback() {
  if (listener_.is_none()) return {};
  return [this](const Progress& progress) {
    std::lock_guard lock(mutex_);
    news_ = progress;
  };
}

bool Telling::Pass() {
  std::optional<Progress> news;
  {
    std::lock_guard lock(mutex_);
    news.swap(news_);
  }
  if (!news) return true;
  try {
    listener_(news->phase, news->done, news->total, news->unit);
  } catch (nb::python_error& error) {
    error.restore();
    return false;
  }
  return true;
}

}  // namespace deltic::python
