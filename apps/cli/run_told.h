// Owns the run of an operation that takes a while: stopped in order by Ctrl-C, with a line that tells how far it is.
#pragma once

#include <string>

#include "base/cancel.h"
#include "base/error.h"
#include "interrupt.h"
#include "storage_arguments.h"
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

// The same for the change of a table: what `change(table, request, token)` answers.
template <class Outcome, class Request>
Result<Outcome> ChangeTold(const char* doing, const std::string& location, Request& request,
                           Result<Outcome> (*change)(Table&, const Request&, const CancelToken&)) {
  DELTIC_TRY(Table table, OpenTable(location));
  return RunTold(doing, request, [&](const CancelToken& cancel) { return change(table, request, cancel); });
}

}  // namespace deltic::cli
