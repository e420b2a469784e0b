// Owns the deleting of many objects by requests of their own, several at a time: for stores that have no better way.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "storage/object_store.h"

namespace deltic {

// One status a key, in order, of store.Delete.
std::vector<Status> DeleteAtOnce(ObjectStore& store, const std::vector<std::string>& keys, size_t threads);

}  // namespace deltic
