// Owns the two symbols that the plugin shows to engine/loader.cc: the maker, and the mark of the build.
#include <type_traits>

#include <duckdb.hpp>

#include "engine/duckdb/duckdb_engine.h"

extern "C" {

DELTIC_EXPORT const char* deltic_engine_interface = DELTIC_ENGINE_INTERFACE;

DELTIC_EXPORT deltic::Engine* deltic_make_engine(const deltic::EngineSettings* settings,
                                                 deltic::CancelScope::Place signs, std::string* error) {
  try {
    deltic::CancelScope::UsePlace(signs);
    return deltic::MakeDuckDbEngine(*settings).release();
  } catch (const std::exception& exception) {
    *error = duckdb::ErrorData(exception).RawMessage();
    return nullptr;
  }
}

}  // extern "C"

static_assert(std::is_same_v<decltype(&deltic_make_engine), deltic::MakeEngineFunction>, "as the loader calls it");
