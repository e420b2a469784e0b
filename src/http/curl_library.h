// Owns the loading of libcurl: the functions that http_client.cc calls, found at run time. Knows no HTTP.
#pragma once

#include <curl/curl.h>

#include "deltic/result.h"

namespace deltic {

// Pointers into the loaded library. Immutable once loaded, safe to share among threads.
struct CurlLibrary {
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&curl_easy_reset) easy_reset = nullptr;
  decltype(&curl_easy_setopt) easy_setopt = nullptr;
  decltype(&curl_easy_perform) easy_perform = nullptr;
  decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&curl_easy_strerror) easy_strerror = nullptr;
  decltype(&curl_slist_append) slist_append = nullptr;
  decltype(&curl_slist_free_all) slist_free_all = nullptr;
};

// Loads it on the first call. Unsupported, naming what was tried, when it is not there.
Result<const CurlLibrary*> LoadCurl();

}  // namespace deltic
