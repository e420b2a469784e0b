// Owns the reading of folder names.
#include "clone/folder_partitions.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "base/error.h"
#include "base/hive_name.h"
#include "base/time.h"
#include "expr/literal.h"
#include "write/partition_path.h"

namespace deltic {
namespace {

int Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// As Hive: a '%' that no two hexadecimal digits follow stands for itself.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? Digit(text[i + 1]) : -1;
    const int low = high >= 0 ? Digit(text[i + 2]) : -1;
    if (low < 0) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

bool SameName(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::string Names(const FolderValues& values) {
  std::string text;
  for (const auto& [name, value] : values) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

std::string Names(const Fields& fields) {
  std::string text;
  for (const StructField& field : fields) text += (text.empty() ? "" : ", ") + field.name;
  return text.empty() ? "none" : text;
}

// What a column's values can all be.
struct Candidates {
  bool integer = true, number = true, date = true, timestamp = true;
  bool narrow = true;
  bool any = false;

  void Look(const std::string& text) {
    any = true;
    int64_t whole = 0;
    const char* const end = text.data() + text.size();
    const auto [whole_end, whole_error] = std::from_chars(text.data(), end, whole);
    if (whole_error != std::errc() || whole_end != end) integer = false;
    if (whole < std::numeric_limits<int32_t>::min() || whole > std::numeric_limits<int32_t>::max()) narrow = false;
    double real = 0;
    const auto [real_end, real_error] = std::from_chars(text.data(), end, real);
    if (real_error != std::errc() || real_end != end) number = false;
    // More digits than a long has: as doubles, two folders could have one value.
    if (whole_error == std::errc::result_out_of_range) number = false;
    // Names ("nan", "inf") that are no numbers to Spark either.
    if (number && !std::isfinite(real) && text != "NaN" && text != "Infinity" && text != "-Infinity") number = false;
    // Shorter dates ("2026-1") are rather names.
    const bool dash = text.size() >= 10 && text[4] == '-' && text[7] == '-';
    if (!dash || text.size() != 10 || !ParseDateDays(text).ok()) date = false;
    if (!dash || !ParseTimestampMicros(text).ok()) timestamp = false;
  }

  DataType Type() const {
    if (!any) return DataType(TypeKind::kString);
    if (integer) return DataType(narrow ? TypeKind::kInteger : TypeKind::kLong);
    if (number) return DataType(TypeKind::kDouble);
    if (date) return DataType(TypeKind::kDate);
    if (timestamp) return DataType(TypeKind::kTimestamp);
    return DataType(TypeKind::kString);
  }
};

}  // namespace

FolderValues ReadFolderValues(std::string_view key) {
  FolderValues values;
  size_t end = key.rfind('/');
  while (end != std::string_view::npos && end > 0) {
    const size_t slash = key.rfind('/', end - 1);
    const size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
    const std::string_view name = key.substr(begin, end - begin);
    const size_t equals = name.find('=');
    if (equals == std::string_view::npos || equals == 0) break;
    const std::string_view value = name.substr(equals + 1);
    values.emplace_back(Unescape(name.substr(0, equals)),
                        value == kHiveNull ? std::nullopt : std::optional(Unescape(value)));
    end = slash;
  }
  std::reverse(values.begin(), values.end());
  return values;
}

bool IsHidden(std::string_view key) {
  while (true) {
    const size_t slash = key.find('/');
    const std::string_view name = key.substr(0, slash);
    const bool marked = name.starts_with('_') || name.starts_with('.');
    const bool partition = slash != std::string_view::npos && name.find('=') != std::string_view::npos;
    if (marked && !partition) return true;
    if (slash == std::string_view::npos) return false;
    key.remove_prefix(slash + 1);
  }
}

Result<PartitionValues> PartitionValuesOf(std::string_view key, const Fields& columns) {
  const FolderValues folders = ReadFolderValues(key);
  const bool fits =
      std::equal(folders.begin(), folders.end(), columns.begin(), columns.end(),
                 [](const auto& folder, const auto& column) { return SameName(folder.first, column.name); });
  if (!fits) {
    return InvalidArgument(
        "the folders of {} name the partition columns {}, and those asked for are {}: give them with their types, in "
        "the order of the folders, or have them inferred",
        key, Names(folders), Names(columns));
  }
  PartitionValues values;
  for (size_t i = 0; i < columns.size(); ++i) {
    Result<Literal> literal = ParsePartitionValue(folders[i].second, columns[i].type);
    if (!literal.ok()) {
      return InvalidArgument("the folder of {} is no value of the partition column {}: {}", key, columns[i].name,
                             literal.error().message());
    }
    DELTIC_TRY(values[columns[i].name], PartitionText(*literal));
  }
  return values;
}

Result<Fields> InferPartitions(const std::vector<std::string>& keys) {
  Fields columns;
  std::vector<Candidates> candidates;
  for (const std::string& key : keys) {
    const FolderValues folders = ReadFolderValues(key);
    if (&key == &keys.front()) {
      for (const auto& [name, value] : folders) {
        StructField field;
        field.name = name;
        columns.push_back(std::move(field));
      }
      candidates.resize(columns.size());
    }
    const bool same =
        std::equal(folders.begin(), folders.end(), columns.begin(), columns.end(),
                   [](const auto& folder, const auto& column) { return SameName(folder.first, column.name); });
    if (!same) {
      return InvalidArgument("the folders do not agree on the partition columns: {} for {}, {} for {}", Names(columns),
                             keys.front(), Names(folders), key);
    }
    for (size_t i = 0; i < folders.size(); ++i) {
      if (folders[i].second && !folders[i].second->empty()) candidates[i].Look(*folders[i].second);
    }
  }
  for (size_t i = 0; i < columns.size(); ++i) columns[i].type = candidates[i].Type();
  return columns;
}

}  // namespace deltic
