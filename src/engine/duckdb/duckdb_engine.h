// Owns the making of the engine on DuckDB. Its one user is the plugin's C symbol (export.cc).
#pragma once

#include <memory>

#include "engine/engine.h"

namespace deltic {

// Throws what DuckDB throws when the settings are wrong.
std::unique_ptr<Engine> MakeDuckDbEngine(const EngineSettings& settings);

}  // namespace deltic
