// Owns the outcome of a request that was to make something only where nothing is, by what its last answer says and how
// often it was sent. Pure. What a store's statuses mean is the store's to say.
//
// The danger is in a condition that is not met by our own work: a try whose answer was lost, or that a proxy turned
// away although the store behind it took it, may have made the object that the next try meets.
#pragma once

#include <cstdint>
#include <optional>

#include "http/http_client.h"
#include "storage/object_store.h"

namespace deltic {

enum class PutAnswer : uint8_t {
  kMade,
  kTaken,  // something is there, and was kept
  kOther,  // neither: a failure
};

// `answer.tries` leaves out tries after which the store said that it had done nothing; `answer.doubted` says whether
// one of the tries may have taken effect. nullopt: nothing was made, and the answer says why.
std::optional<PutOutcome> OutcomeOfPut(const HttpAnswer& answer, PutAnswer says);

}  // namespace deltic
