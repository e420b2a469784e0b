// Owns a folder that lives as long as a test. For tests only.
#pragma once

#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace deltic {

// Makes a new folder and removes it with all that is in it. One thread at a time.
class TempFolderForTest {
 public:
  TempFolderForTest() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/deltic-test-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  TempFolderForTest(const TempFolderForTest&) = delete;
  TempFolderForTest& operator=(const TempFolderForTest&) = delete;
  ~TempFolderForTest() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace deltic
