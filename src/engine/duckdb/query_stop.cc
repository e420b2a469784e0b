// Owns the keeping of a StopSign with a context; see the header.
#include "engine/duckdb/query_stop.h"

#include <duckdb/main/client_context_state.hpp>
#include <mutex>
#include <utility>

namespace deltic {
namespace {

constexpr const char* kStopStateKey = "deltic_stop";

struct StopState : public duckdb::ClientContextState {
  std::mutex mutex;
  StopSign sign;
};

}  // namespace

StopSign StopSignOf(duckdb::optional_ptr<duckdb::ClientContext> context) {
  if (!context) return StopSign::Here();
  const auto state = context->registered_state->Get<StopState>(kStopStateKey);
  if (state == nullptr) return StopSign::Here();
  const std::lock_guard lock(state->mutex);
  return state->sign;
}

StopSign SetStopSign(duckdb::ClientContext& context, StopSign sign) {
  const auto state = context.registered_state->GetOrCreate<StopState>(kStopStateKey);
  const std::lock_guard lock(state->mutex);
  return std::exchange(state->sign, std::move(sign));
}

}  // namespace deltic
