// Owns finding and loading the engine's shared library, once per process. Does not know what is inside it.
// A library of its own because loading DuckDB (70 MB) costs more than most commands need altogether.
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "base/cancel.h"
#include "base/error.h"
#include "engine/engine.h"

namespace deltic {
namespace {

constexpr const char* kLibrary = "libdeltic_engine.so";

struct Loaded {
  std::mutex mutex;
  EngineSettings settings;
  std::shared_ptr<Engine> engine;
};

// Never destroyed: streams that callers hold may outlive main's statics, and DuckDB's threads with them.
Loaded& State() {
  static Loaded* state = new Loaded;
  return *state;
}

// The folder of the library or program that holds this code.
std::filesystem::path OwnFolder() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&OwnFolder), &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code ignored;
  auto path = std::filesystem::canonical(info.dli_fname, ignored);
  if (ignored) path = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return path.parent_path();
}

Result<std::shared_ptr<Engine>> Load(const EngineSettings& settings) {
  std::vector<std::filesystem::path> folders;
  if (const char* folder = std::getenv("DELTIC_ENGINE_DIR")) folders.emplace_back(folder);
  const auto own = OwnFolder();
  for (const char* relative : {".", "../lib", "../lib/deltic", "deltic"}) folders.push_back(own / relative);

  std::string tried;
  for (const auto& folder : folders) {
    const auto path = (folder / kLibrary).lexically_normal();
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
      tried += (tried.empty() ? "" : ", ") + folder.lexically_normal().string();
      continue;
    }
    // Not closed again: DuckDB has threads and statics that must not lose their code.
    // Lazily: DuckDB has 58,000 symbols, of which a short command calls few (6-8 ms of every cold start).
    void* library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) return Unsupported("loading the engine {}: {}", path.string(), dlerror());
    const auto* interface = static_cast<const char* const*>(dlsym(library, kEngineInterfaceSymbol));
    if (interface == nullptr || std::string_view(*interface) != DELTIC_ENGINE_INTERFACE) {
      return Unsupported("{} belongs to another build of deltic: install program and engine from one release",
                         path.string());
    }
    auto make = reinterpret_cast<MakeEngineFunction>(dlsym(library, kMakeEngineSymbol));
    if (make == nullptr) {
      return Unsupported("{} is not this program's engine: it lacks {}; install both from one release", path.string(),
                         kMakeEngineSymbol);
    }
    std::string error;
    Engine* engine = make(&settings, CancelScope::place(), &error);
    if (engine == nullptr) return InvalidArgument("starting the engine: {}", error);
    return std::shared_ptr<Engine>(engine);
  }
  return Unsupported(
      "the engine {} was not found (looked in {}): reinstall deltic, or set DELTIC_ENGINE_DIR to its folder", kLibrary,
      tried);
}

}  // namespace

Status ConfigureEngine(const EngineSettings& settings) {
  auto& state = State();
  std::lock_guard lock(state.mutex);
  const bool same = state.settings.threads == settings.threads &&
                    state.settings.memory_limit == settings.memory_limit &&
                    state.settings.temp_directory == settings.temp_directory;
  if (state.engine != nullptr && !same) {
    return InvalidArgument(
        "threads, memory limit and spill folder can be set only before the first read of this process");
  }
  state.settings = settings;
  return {};
}

Result<std::shared_ptr<Engine>> GetEngine() {
  auto& state = State();
  std::lock_guard lock(state.mutex);
  if (state.engine == nullptr) {
    DELTIC_TRY(state.engine, Load(state.settings));
  }
  return state.engine;
}

}  // namespace deltic
