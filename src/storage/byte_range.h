// Owns the rules for a range of bytes that every store has: which may be asked for, and what an object's size alone
// answers. Reads no bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/object_store.h"

namespace deltic {

// InvalidArgument, naming the object, for a negative offset or length.
Status CheckRange(const ObjectStore& store, std::string_view key, ByteRange range);

// Where the range ends, its last byte included. nullopt when no request can name it: it is empty, or ends beyond what
// an object can hold. AnswerBySize has the answer then.
std::optional<int64_t> LastByte(ByteRange range);

// Nothing, for an empty range within the object; otherwise Corrupt, with the object's size. Asks by Head.
Result<std::string> AnswerBySize(ObjectStore& store, std::string_view key, ByteRange range);

}  // namespace deltic
