// Owns the error that an answer without success becomes: its code by the status, its text of the store's own words.
// Pure. Knows no store: what is special about one's statuses it says itself, by the code.
#pragma once

#include <string>
#include <string_view>

#include "http/http_client.h"

namespace deltic {

// By what the caller can do next: Unavailable for no answer (0), 408, 429, 500, 502, 503 and 504, PermissionDenied for
// 401 and 403, NotFound for 404, InvalidArgument for the rest.
Code CodeOfStatus(int status);

struct FailureWords {
  std::string_view doing;    // "reading s3://bucket/t/part-0.parquet"
  std::string_view said;     // the store's own code and message, as they follow the status: " NoSuchKey (it is gone)"
  std::string_view server;   // who was asked, for want of an answer
  std::string_view missing;  // "there is no such object": all that is told of NotFound
};

// Cancelled where nobody waited for the answer any more, whatever `code` says.
Error FailureOf(const HttpAnswer& answer, Code code, const FailureWords& words);

}  // namespace deltic
