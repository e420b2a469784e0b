// Owns the run of an operation that takes a while: stopped in order by Ctrl-C, with a line that tells how far it is.
#pragma once

#include "base/cancel.h"
#include "interrupt.h"
#include "told_progress.h"

namespace deltic::cli {

// What `run` answers; it is given the token that Ctrl-C cancels. `request` has the `progress` of include/deltic/.
template <class Request, class Run>
auto RunTold(const char* doing, Request& request, Run run) {
  OrderlyStop stop;
  const ToldProgress progress(doing);
  request.progress = progress.callback();
  return run(stop.token());
}

}  // namespace deltic::cli
