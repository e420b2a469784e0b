// Owns dlopen of libcurl. Its ABI has been one since 7.16 (2006); both TLS flavours of Debian have the same symbols.
#include "http/curl_library.h"

#include <dlfcn.h>

#include <array>
#include <string>

#include "base/error.h"

// The type-checking macros would hide the functions whose types are taken in the header.
#undef curl_easy_setopt
#undef curl_easy_getinfo

namespace deltic {
namespace {

template <class Function>
bool Find(void* library, const char* name, Function* out) {
  *out = reinterpret_cast<Function>(dlsym(library, name));
  return *out != nullptr;
}

Result<CurlLibrary> Load() {
  constexpr std::array<const char*, 4> kNames = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl-nss.so.4",
                                                 "libcurl.4.dylib"};
  void* library = nullptr;
  std::string why;
  for (const char* name : kNames) {
    library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) break;
    if (why.empty()) why = dlerror();
  }
  if (library == nullptr) {
    return Unsupported(
        "object stores need libcurl, which could not be loaded ({}): install it (Debian: libcurl4, Fedora: libcurl)",
        why);
  }
  CurlLibrary curl;
  decltype(&curl_global_init) global_init = nullptr;
  const bool complete =
      Find(library, "curl_global_init", &global_init) && Find(library, "curl_easy_init", &curl.easy_init) &&
      Find(library, "curl_easy_cleanup", &curl.easy_cleanup) && Find(library, "curl_easy_reset", &curl.easy_reset) &&
      Find(library, "curl_easy_setopt", &curl.easy_setopt) && Find(library, "curl_easy_perform", &curl.easy_perform) &&
      Find(library, "curl_easy_getinfo", &curl.easy_getinfo) &&
      Find(library, "curl_easy_strerror", &curl.easy_strerror) &&
      Find(library, "curl_slist_append", &curl.slist_append) &&
      Find(library, "curl_slist_free_all", &curl.slist_free_all);
  if (!complete) return Unsupported("the libcurl that was loaded lacks functions that every release since 2006 has");
  if (global_init(CURL_GLOBAL_ALL) != CURLE_OK) return Internal("libcurl did not start");
  return curl;
}

}  // namespace

Result<const CurlLibrary*> LoadCurl() {
  static const Result<CurlLibrary> loaded = Load();
  if (!loaded.ok()) return loaded.error();
  return &*loaded;
}

}  // namespace deltic
