// Owns the table and the text; see the header.
#include "answers/failure.h"

#include <fmt/format.h>

#include "http/send.h"

namespace deltic {

Code CodeOfStatus(int status) {
  switch (status) {
    case 0:
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return Code::kUnavailable;
    case 401:
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kNotFound;
    default:
      return Code::kInvalidArgument;
  }
}

Error FailureOf(const HttpAnswer& answer, Code code, const FailureWords& words) {
  if (answer.stopped) return StoppedError(std::string(words.doing));
  if (code == Code::kNotFound) return Error(code, fmt::format("{}: {}", words.doing, words.missing));
  if (answer.status == 0) {
    return Error(code, fmt::format("{}: no answer from {} ({}{})", words.doing, UrlForPeople(words.server),
                                   answer.failure, words.said));
  }
  return Error(code, fmt::format("{}: the store answered {}{}", words.doing, answer.status, words.said));
}

}  // namespace deltic
