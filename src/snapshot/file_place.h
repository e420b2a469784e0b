// Owns where the files that a table names are, each as a store and a key in it, wherever they lie: for looking whether
// they are there and for copying them. Opens no file.
// Protocol: "Add File and Remove File" (path), "Deletion Vector Descriptor Schema".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actions/actions.h"
#include "deltic/result.h"
#include "storage/object_store.h"

namespace deltic {

using FilePlace = ObjectPlace;

// Of an add's or remove's path. Corrupt for one that is none; Unsupported for a store that this build cannot open.
Result<FilePlace> PlaceOfDataFile(const std::shared_ptr<ObjectStore>& table, const std::string& path);
// Of a deletion vector's file; nullopt for one that is written in the log itself.
Result<std::optional<FilePlace>> PlaceOfVector(const std::shared_ptr<ObjectStore>& table,
                                               const DeletionVectorDescriptor& vector);

// A path as the log names a file outside of the table's folder, percent-encoded exactly as Java's URIs are: Spark finds
// the files of an absolute path by its text. Letters beyond ASCII stay as they are.
// Example: "/data/a b%/p=ü:1" gives "/data/a%20b%25/p=ü:1".
std::string EncodeUriPath(std::string_view path);

// Where the store's keys begin, as a URI without a '/' at its end: "file:/data/my%20table". Local tables have the form
// that Spark writes.
std::string RootUri(const ObjectStore& store);
// The same for people, not encoded: "file:/data/my table".
std::string RootName(const ObjectStore& store);

}  // namespace deltic
