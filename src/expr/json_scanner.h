// Owns JsonScanner: one forward pass over a small JSON text, value by value, without copying and without allocating.
// Statistics are some 150 bytes a file and a plan may read a million of them; for documents of that size simdjson's
// index and padded copy cost more than the scan (150 bytes, two columns, on a busy machine: 182 ns of CPU with simdjson
// on demand, 140 ns so). Knows no statistics. Checks the structure it walks over; a skipped container is checked for
// closed strings and balanced brackets only.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace deltic {

// A string as it stands between its quotes.
struct JsonText {
  std::string_view raw;
  bool escaped = false;  // holds a backslash
};

// Replaces the escapes of `raw`; false when one is broken or is half a surrogate pair.
bool UnescapeJson(std::string_view raw, std::string& text);

// Every call but Peek consumes what it reads and answers false when that is not there; then the scanner is of no more
// use. One thread at a time.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view json) : at_(json.data()), end_(json.data() + json.size()) {}

  // The first byte of the next value (or of whatever is there); 0 at the end.
  char Peek() {
    SkipSpace();
    return at_ < end_ ? *at_ : '\0';
  }
  bool Take(char c) {
    if (Peek() != c || at_ == end_) return false;
    ++at_;
    return true;
  }

  // Members of an object: for (bool first = true; NextMember(first, key); first = false) ... then Closed().
  // After each true the value must be read or skipped.
  bool NextMember(bool first, JsonText& key) {
    closed_ = false;
    if (Peek() == '}') {
      ++at_;
      closed_ = true;
      return false;
    }
    if (!first && !Take(',')) return false;
    return ReadString(key) && Take(':');
  }
  // Whether the last object ended with its bracket and not with an error.
  bool Closed() const { return closed_; }

  bool ReadString(JsonText& text) {
    if (!Take('"')) return false;
    const char* start = at_;
    text.escaped = false;
    while (true) {
      at_ = FindQuoteOrBackslash(at_, end_);
      if (at_ == end_) return false;
      if (*at_ == '"') break;
      text.escaped = true;
      at_ += 2;  // whatever is escaped is not the end
      if (at_ > end_) at_ = end_;
    }
    text.raw = std::string_view(start, static_cast<size_t>(at_ - start));
    ++at_;
    return true;
  }

  // The usual case of a number: a whole one of up to 18 digits. Consumes nothing when there is anything else.
  bool ReadInteger(int64_t& value) {
    SkipSpace();
    const char* at = at_;
    const bool negative = at < end_ && *at == '-';
    if (negative) ++at;
    const char* digits = at;
    int64_t number = 0;
    while (at < end_ && static_cast<unsigned char>(*at - '0') < 10 && at - digits < 18)
      number = number * 10 + (*at++ - '0');
    if (at == digits || (at < end_ && kTokenByte[static_cast<unsigned char>(*at)])) return false;
    value = negative ? -number : number;
    at_ = at;
    return true;
  }

  // A number, true, false or null, as text; that it is one is for the reader of the text to find out.
  bool ReadToken(std::string_view& token) {
    SkipSpace();
    const char* start = at_;
    while (at_ < end_ && kTokenByte[static_cast<unsigned char>(*at_)]) ++at_;
    token = std::string_view(start, static_cast<size_t>(at_ - start));
    return at_ != start;
  }

  bool SkipValue() {
    JsonText text;
    std::string_view token;
    const char c = Peek();
    if (c == '"') return ReadString(text);
    if (c == '{' || c == '[') return SkipContainer();
    return ReadToken(token);
  }

  // Where in the text the next call goes on.
  const char* place() const { return at_; }
  bool AtEnd() {
    SkipSpace();
    return at_ == end_;
  }

 private:
  // What numbers, true, false and null are made of.
  static constexpr auto kTokenByte = [] {
    std::array<bool, 256> table{};
    for (int c = '0'; c <= '9'; ++c) table[c] = true;
    for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
    table['-'] = table['+'] = table['.'] = true;
    return table;
  }();
  void SkipSpace() {
    if (at_<end_&& * at_> ' ') return;
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool SkipContainer();

  // Eight bytes at a time: a byte of x is zero where it equals c, and the classic trick finds the lowest zero byte.
  static const char* FindQuoteOrBackslash(const char* at, const char* end) {
    constexpr uint64_t kOnes = 0x0101010101010101;
    constexpr uint64_t kHighs = 0x8080808080808080;
    if constexpr (std::endian::native == std::endian::little) {
      for (; end - at >= 8; at += 8) {
        uint64_t word;
        std::memcpy(&word, at, 8);
        const uint64_t quote = word ^ (kOnes * '"');
        const uint64_t backslash = word ^ (kOnes * '\\');
        const uint64_t hits = (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash)) & kHighs;
        if (hits != 0) return at + std::countr_zero(hits) / 8;
      }
    }
    while (at < end && *at != '"' && *at != '\\') ++at;
    return at;
  }

  const char* at_;
  const char* end_;
  bool closed_ = false;
};

}  // namespace deltic
