// Owns the question whether two metadata actions differ in nothing but how far identity columns have counted. Writes
// nothing. Protocol: "Identity Columns" (delta.identity.highWaterMark).
#pragma once

#include "actions/actions.h"

namespace deltic {

// Equal in every member, schema texts compared as what they say when they differ as texts.
bool SameMetadata(const Metadata& a, const Metadata& b);
// Equal but for the high water marks of identity columns. True also when they are equal altogether; a schema that
// cannot be parsed differs from every other.
bool SameButIdentityMarks(const Metadata& a, const Metadata& b);

}  // namespace deltic
