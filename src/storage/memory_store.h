// Owns the making of a memory store with a clock of one's own. storage/object_store.h has the plain one.
#pragma once

#include <memory>
#include <string>

#include "base/env.h"
#include "storage/object_store.h"

namespace deltic {

// As MakeMemoryStore(name); modification times come from env.now_ms.
std::shared_ptr<ObjectStore> MakeMemoryStore(const std::string& name, Env env);

}  // namespace deltic
