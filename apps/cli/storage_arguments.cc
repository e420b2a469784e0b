// Owns the reading of --storage-option; see the header.
#include "storage_arguments.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/error.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct Storage {
  std::vector<std::string> texts;
  std::map<std::string, std::string> options;
};
Storage& TheStorage() {
  static Storage storage;
  return storage;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

// `where` is for the message; the text is not repeated, for it may be a secret alone.
Status AddPair(std::string_view text, const std::string& where) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return InvalidArgument("{}: write KEY=VALUE", where);
  TheStorage().options[std::string(Trimmed(text.substr(0, equals)))] = std::string(Trimmed(text.substr(equals + 1)));
  return {};
}

Status AddFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return NotFound("--storage-option @{}: the file cannot be read", path);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string_view text = Trimmed(line);
    if (text.empty() || text.front() == '#') continue;
    DELTIC_CHECK(AddPair(text, fmt::format("--storage-option @{}, line {}", path, number)));
  }
  if (file.bad()) return Unavailable("--storage-option @{}: reading the file failed", path);
  return {};
}

bool LooksSecret(std::string_view name) {
  const std::string lower = AsciiLower(name);
  constexpr std::array<std::string_view, 7> kWords = {"key",      "secret",     "token",    "sas",
                                                      "password", "credential", "proxy_url"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return lower.find(word) != lower.npos; });
}

}  // namespace

void AddStorageOption(CLI::App* command) {
  command
      ->add_option_function<std::vector<std::string>>(
          "--storage-option",
          [](const std::vector<std::string>& given) {
            auto& texts = TheStorage().texts;
            texts.insert(texts.end(), given.begin(), given.end());
          },
          "How object stores are opened: aws_region=eu-west-1, ...; @FILE reads lines of KEY=VALUE; may be given more "
          "than once")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->group("Storage");
}

Status ReadStorageOptions() {
  for (const std::string& text : TheStorage().texts) {
    if (text.starts_with('@')) {
      DELTIC_CHECK(AddFile(text.substr(1)));
    } else {
      DELTIC_CHECK(AddPair(text, "--storage-option"));
    }
  }
  PrintWarnings(CheckStorageOptions(TheStorage().options));
  return {};
}

const std::map<std::string, std::string>& GivenStorageOptions() { return TheStorage().options; }

Result<Table> OpenTable(const std::string& location, OpenOptions options) {
  options.storage_options = GivenStorageOptions();
  return Table::Open(location, options);
}

std::string WithoutSecrets(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const size_t equals = word.find('=');
    // "--storage-option=key=value" has two.
    const size_t last = equals == word.npos ? word.npos : word.find('=', equals + 1);
    const size_t cut = last != word.npos && LooksSecret(word.substr(0, last)) ? last : equals;
    const bool hide = cut != word.npos && LooksSecret(word.substr(0, cut));
    clean += hide ? std::string(word.substr(0, cut + 1)) + "***" : std::string(word);
    if (end < text.size()) clean += ' ';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return clean;
}

}  // namespace deltic::cli
