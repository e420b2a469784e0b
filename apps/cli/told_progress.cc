// Owns the words of a told progress.
#include "told_progress.h"

#include <fmt/format.h>

#include <mutex>

#include "terminal.h"

namespace deltic::cli {

struct ToldProgress::State {
  std::mutex mutex;
  deltic::Progress last;

  std::string Text() {
    const std::lock_guard lock(mutex);
    if (last.phase.empty()) return "";
    const auto number = [&](int64_t value) {
      return last.unit == "bytes" ? HumanBytes(value) : GroupedNumber(value) + " " + last.unit;
    };
    if (last.total > 0) {
      return fmt::format("{}: {} of {} ({} %)", last.phase, number(last.done), number(last.total),
                         last.done * 100 / last.total);
    }
    return last.done > 0 ? last.phase + ": " + number(last.done) : last.phase;
  }
};

ToldProgress::ToldProgress(std::string doing)
    : state_(std::make_shared<State>()), line_(std::move(doing), [state = state_] { return state->Text(); }) {}

ProgressCallback ToldProgress::callback() const {
  return [state = state_](const deltic::Progress& progress) {
    const std::lock_guard lock(state->mutex);
    state->last = progress;
  };
}

}  // namespace deltic::cli
