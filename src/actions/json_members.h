// Owns how one JSON value fills one member of an action, and how a member is written: strings, numbers, flags, maps,
// lists. Knows no action by name (actions/actions_json.cc holds their tables). Private to actions/.
//
// Where published writers differ from the protocol without changing the meaning, reading is lenient, as Spark's own
// reader is: whole numbers may be written 1.0 or "1", flags "true", map values as numbers or flags. Whatever could mean
// two things is Corrupt.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "actions/actions.h"
#include "base/error.h"
#include "base/json_text.h"

namespace deltic {

namespace od = simdjson::ondemand;

namespace json_members {

inline Error BadJson(simdjson::error_code code) { return Corrupt("not valid JSON: {}", simdjson::error_message(code)); }

// simdjson's raw text of a token reaches up to the next one.
inline std::string_view TrimEnd(std::string_view text) { return text.substr(0, text.find_last_not_of(" \t\r\n") + 1); }

// Fills `out` by its table of members; defined in actions_json.cc.
template <class T>
Status ReadObject(od::object& object, T& out);
template <class T>
void AppendObject(std::string& out, const T& value);

// ---- reading; nulls never arrive here, but for map values ----

inline Status Read(od::value value, std::string& out) {
  std::string_view text;
  if (auto code = value.get_string().get(text)) {
    return code == simdjson::INCORRECT_TYPE ? Corrupt("must be a string") : BadJson(code);
  }
  out = text;
  return {};
}

// 5, 5.0 and "5"; nothing that a double cannot hold exactly.
inline Status Read(od::value value, int64_t& out) {
  if (value.get_int64().get(out) == simdjson::SUCCESS) return {};
  std::string_view token = TrimEnd(value.raw_json_token());
  if (token.size() > 2 && token.front() == '"' && token.back() == '"') token = token.substr(1, token.size() - 2);
  const char* const end = token.data() + token.size();
  const auto whole = std::from_chars(token.data(), end, out);
  if (whole.ec == std::errc() && whole.ptr == end) return {};
  double number = 0;
  const auto real = std::from_chars(token.data(), end, number);
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (real.ec != std::errc() || real.ptr != end || std::abs(number) > kExact || std::trunc(number) != number) {
    return Corrupt("must be a whole number of 64 bits, not {}", token.substr(0, 40));
  }
  out = static_cast<int64_t>(number);
  return {};
}

inline Status Read(od::value value, int32_t& out) {
  int64_t number = 0;
  DELTIC_CHECK(Read(value, number));
  if (number < std::numeric_limits<int32_t>::min() || number > std::numeric_limits<int32_t>::max()) {
    return Corrupt("must be a whole number of 32 bits, not {}", number);
  }
  out = static_cast<int32_t>(number);
  return {};
}

inline Status Read(od::value value, bool& out) {
  if (value.get_bool().get(out) == simdjson::SUCCESS) return {};
  const std::string_view token = TrimEnd(value.raw_json_token());
  if (token != "\"true\"" && token != "\"false\"") return Corrupt("must be true or false, not {}", token.substr(0, 40));
  out = token == "\"true\"";
  return {};
}

// A single character, for storageType.
inline Status Read(od::value value, char& out) {
  std::string text;
  DELTIC_CHECK(Read(value, text));
  if (text.size() != 1) return Corrupt("must be one character, not '{}'", text.substr(0, 40));
  out = text[0];
  return {};
}

inline Status Read(od::value value, std::vector<std::string>& out) {
  od::array array;
  if (value.get_array().get(array)) return Corrupt("must be a list of strings");
  for (auto element : array) {
    od::value item;
    std::string text;
    if (auto code = std::move(element).get(item)) return BadJson(code);
    DELTIC_CHECK(Read(item, text));
    out.push_back(std::move(text));
  }
  return {};
}

// Calls visit(key, value) for each entry of a JSON object.
template <class Visit>
Status VisitEntries(od::value value, Visit visit) {
  od::object object;
  if (auto code = value.get_object().get(object)) {
    return code == simdjson::INCORRECT_TYPE ? Corrupt("must be a JSON object") : BadJson(code);
  }
  for (auto entry : object) {
    od::field field;
    std::string_view key;
    if (auto code = std::move(entry).get(field)) return BadJson(code);
    if (auto code = field.unescaped_key().get(key)) return BadJson(code);
    std::string name(key);
    DELTIC_CHECK(visit(std::move(name), field.value()));
  }
  return {};
}

// The text of a string, number or flag; the JSON of anything else.
inline Status ReadText(od::value value, std::string& out) {
  std::string_view text;
  const auto code = value.get_string().get(text);
  if (code == simdjson::INCORRECT_TYPE) {
    if (auto raw_code = simdjson::to_json_string(value).get(text)) return BadJson(raw_code);
    text = TrimEnd(text);
  } else if (code) {
    return BadJson(code);
  }
  out = text;
  return {};
}

// Entries that are null are left out: a property set to null is not set.
inline Status Read(od::value value, StringMap& out) {
  return VisitEntries(value, [&](std::string key, od::value entry) -> Status {
    bool is_null = false;
    if (auto code = entry.is_null().get(is_null)) return BadJson(code);
    if (is_null) return {};
    return ReadText(entry, out[std::move(key)]);
  });
}

inline Status Read(od::value value, PartitionValues& out) {
  return VisitEntries(value, [&](std::string key, od::value entry) -> Status {
    const auto [place, is_new] = out.try_emplace(std::move(key));
    if (!is_new) return Corrupt("{} is there twice", place->first);
    bool is_null = false;
    if (auto code = entry.is_null().get(is_null)) return BadJson(code);
    if (is_null) return {};
    od::json_type type;
    if (auto code = entry.type().get(type)) return BadJson(code);
    if (type == od::json_type::object || type == od::json_type::array) {
      return Corrupt("{}: a partition value must be a string or null", place->first);
    }
    return ReadText(entry, place->second.emplace());
  });
}

inline Status ReadNested(od::value value, auto& out) {
  od::object object;
  if (auto code = value.get_object().get(object)) {
    return code == simdjson::INCORRECT_TYPE ? Corrupt("must be a JSON object") : BadJson(code);
  }
  return ReadObject(object, out);
}
inline Status Read(od::value value, Format& out) { return ReadNested(value, out); }
inline Status Read(od::value value, DeletionVectorDescriptor& out) { return ReadNested(value, out); }

template <class T>
Status Read(od::value value, std::optional<T>& out) {
  return Read(value, out.emplace());
}

// ---- writing; false for an absent value ----

inline bool Append(std::string& out, const std::string& value) { return AppendJsonString(out, value), true; }
inline bool Append(std::string& out, int64_t value) { return out += std::to_string(value), true; }
inline bool Append(std::string& out, int32_t value) { return out += std::to_string(value), true; }
inline bool Append(std::string& out, bool value) { return out += value ? "true" : "false", true; }
inline bool Append(std::string& out, char value) { return AppendJsonString(out, {&value, 1}), true; }
inline bool Append(std::string& out, const Format& value) { return AppendObject(out, value), true; }
inline bool Append(std::string& out, const DeletionVectorDescriptor& value) { return AppendObject(out, value), true; }
inline bool Append(std::string& out, const std::vector<std::string>& values) {
  out += '[';
  for (const std::string& value : values) {
    if (&value != &values.front()) out += ',';
    AppendJsonString(out, value);
  }
  out += ']';
  return true;
}
template <class T>
bool Append(std::string& out, const std::optional<T>& value);
template <class T>
bool Append(std::string& out, const std::map<std::string, T>& entries) {
  out += '{';
  const char* comma = "";
  for (const auto& [key, value] : entries) {
    out += std::exchange(comma, ",");
    AppendJsonString(out, key);
    out += ':';
    if (!Append(out, value)) out += "null";
  }
  out += '}';
  return true;
}

template <class T>
bool Append(std::string& out, const std::optional<T>& value) {
  return value && Append(out, *value);
}

// ---- one row of an action's table ----

template <class T>
struct Member {
  std::string_view key;
  bool required;
  Status (*read)(od::value, T&);
  bool (*append)(const T&, std::string&);
};

template <class M>
struct MemberPointer;
template <class T, class V>
struct MemberPointer<V T::*> {
  using Class = T;
};
template <auto kMember>
using ClassOf = typename MemberPointer<decltype(kMember)>::Class;

template <auto kMember>
constexpr Member<ClassOf<kMember>> Value(std::string_view key, bool required) {
  using T = ClassOf<kMember>;
  return {key, required, [](od::value value, T& out) { return Read(value, out.*kMember); },
          [](const T& value, std::string& out) { return Append(out, value.*kMember); }};
}

// Statistics are a string that holds JSON; some writers leave the quotes off and write the JSON itself.
template <auto kMember>
constexpr Member<ClassOf<kMember>> Stats(std::string_view key) {
  using T = ClassOf<kMember>;
  return {key, false, [](od::value value, T& out) { return ReadText(value, (out.*kMember).emplace()); },
          [](const T& value, std::string& out) { return Append(out, value.*kMember); }};
}

}  // namespace json_members
}  // namespace deltic
