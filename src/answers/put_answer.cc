// Owns the decision; see the header.
#include "answers/put_answer.h"

#include "http/send.h"

namespace deltic {

std::optional<PutOutcome> OutcomeOfPut(const HttpAnswer& answer, PutAnswer says) {
  switch (says) {
    case PutAnswer::kMade:
      return PutOutcome::kWritten;
    case PutAnswer::kTaken:
      // After several tries what is there may be ours: a proxy's 503 does not tell what the store behind it did.
      return answer.tries == 1 && !answer.doubted ? PutOutcome::kExists : PutOutcome::kUnknown;
    case PutAnswer::kOther:
      break;
  }
  // A refusal (credentials that ran out) tells of its own try alone.
  if (InDoubt(answer) || answer.doubted) return PutOutcome::kUnknown;
  return std::nullopt;
}

}  // namespace deltic
