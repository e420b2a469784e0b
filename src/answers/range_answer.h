// Owns what the answer to a request for some bytes of an object says: the bytes, the object's end, or that it is too
// short. Pure: sends nothing. A server that heeds no ranges sends everything. Source: RFC 9110, "Range Requests".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/http_client.h"
#include "storage/object_store.h"

namespace deltic {

// "bytes=5-9", the value of a Range header.
std::string RangeHeader(int64_t first, int64_t last);
// The most that an answer to such a request may hold: the range, or an error document.
int64_t MostRangeBytes(ByteRange range);

// Exactly the bytes that were asked for (taken out of the answer), or Corrupt when the object, named by `object`, does
// not have them. nullopt for an answer that says neither: the store says what it means.
std::optional<Result<std::string>> BytesOf(HttpAnswer& answer, ByteRange range, std::string_view object);
Error TooShort(ByteRange range, std::string_view object);

// The object's end, of at most `length` bytes (taken out of the answer), when the answer says clearly what it is; else
// nullopt, and the store asks in another way. `key` is what the end's metadata gets.
std::optional<ObjectTail> TailOf(HttpAnswer& answer, std::string_view key, int64_t length);

// 200 of "bytes 100-199/200", a Content-Range header; -1 when it is not told.
int64_t SizeOfContentRange(std::string_view text);

}  // namespace deltic
