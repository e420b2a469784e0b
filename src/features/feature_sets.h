// Owns sets of table features: what a protocol supports, what a schema and properties need, what features imply, and
// the lowest protocol that says exactly a set. Pure. Decides nothing about being able to read or write (features.h).
// Protocol: "Table Features for New and Existing Tables", "Supported Features", "Active Features".
#pragma once

#include <functional>
#include <set>
#include <string>

#include "actions/actions.h"
#include "features/features.h"
#include "schema/types.h"

namespace deltic {

using FeatureSet = std::set<std::string, std::less<>>;

// Those that the protocol supports, by its lists or by its legacy versions.
FeatureSet FeaturesOf(const Protocol& protocol);

// The set with all that its members imply.
FeatureSet WithImplied(FeatureSet features);

// What the columns and properties need (not what that implies): timestampNtz for a column of that type,
// changeDataFeed for delta.enableChangeDataFeed=true, checkConstraints for delta.constraints.*, ...
FeatureSet FeaturesNeeded(const Fields& schema, const StringMap& configuration);

// The lowest protocol that supports exactly these features, as Spark normalises it: legacy versions where some express
// the set, else writer version 7 with a list, and reader version 3 with one only where a reader's feature beyond
// columnMapping is in the set.
//   {}                                    (1,1)
//   {appendOnly, invariants}              (1,2)
//   {appendOnly, invariants, columnMapping}   (2,7,[...])
//   {deletionVectors}                     (3,7,[deletionVectors],[deletionVectors])
Protocol ProtocolOf(const FeatureSet& features);

// The protocol with these features and what they imply: itself when it supports them already. Features that its legacy
// versions imply stay supported, and its versions never go down.
Protocol WithFeatures(const Protocol& protocol, const FeatureSet& features);

bool SameProtocol(const Protocol& a, const Protocol& b);  // the order of lists does not count

}  // namespace deltic
