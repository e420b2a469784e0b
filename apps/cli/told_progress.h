// Owns the progress line of work that tells how far it is (deltic/progress.h): phase, part done, unit.
#pragma once

#include <memory>
#include <string>

#include "deltic/progress.h"
#include "progress.h"

namespace deltic::cli {

// Draws a progress line for as long as it lives, of what its callback was last told.
class ToldProgress {
 public:
  explicit ToldProgress(std::string doing);
  ToldProgress(const ToldProgress&) = delete;
  ToldProgress& operator=(const ToldProgress&) = delete;
  // May be called after this is gone: it then does nothing visible.
  ProgressCallback callback() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
  Progress line_;
};

}  // namespace deltic::cli
