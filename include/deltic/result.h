// Owns Code, Error and Result<T>: how every fallible call of deltic answers. Does not throw and does not log.
//
// One table of codes serves C++, the C ABI and an exception class per code in each other language (see docs/errors.md).
// A code says what the caller can do next, not where the failure happened.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#define DELTIC_EXPORT __attribute__((visibility("default")))

namespace deltic {

enum class Code : uint8_t {
  kOk = 0,
  kInvalidArgument = 1,      // the request is wrong: change it
  kNotFound = 2,             // the table, version, column or file does not exist
  kAlreadyExists = 3,        // what should be created is there already
  kConflict = 4,             // another writer won: read again and decide anew
  kUnsupported = 5,          // the table needs something this build cannot do
  kCorrupt = 6,              // bytes in storage break the protocol or a file format
  kConstraintViolation = 7,  // a row breaks a rule of the table
  kPermissionDenied = 8,     // storage refused access
  kUnavailable = 9,          // storage failed for now: a later try may work
  kCommitUnknown = 10,       // a commit's outcome is not known and could not be settled
  kCancelled = 11,           // the caller asked to stop
  kInternal = 12,            // a bug in deltic: please report it
};

// "NotFound", "Corrupt", ...: stable names, shown in messages and used by other languages.
DELTIC_EXPORT std::string_view CodeName(Code code);

// The process exit status that the command line uses for a code: 0 for kOk, else 10 + the code's number.
constexpr int ExitStatus(Code code) { return code == Code::kOk ? 0 : 10 + static_cast<int>(code); }

// Which rule a concurrent writer's commit broke, for errors of kConflict. One exception class each in other languages.
enum class ConflictKind : uint8_t {
  kNone = 0,                // no conflict, or one of no kind below
  kConcurrentAppend,        // files were added that the operation would have read
  kConcurrentDeleteRead,    // a file that the operation read was removed
  kConcurrentDeleteDelete,  // a file that the operation removes was removed
  kMetadataChanged,         // schema, properties or partitioning changed
  kProtocolChanged,         // the table's protocol changed
  kConcurrentTransaction,   // the same application transaction was committed
};
// "ConcurrentAppend", ...; "" for kNone.
DELTIC_EXPORT std::string_view ConflictName(ConflictKind kind);

// What went wrong, for people (message) and for programs (code). Immutable but for Wrap; one thread at a time.
class [[nodiscard]] Error {
 public:
  Error(Code code, std::string message, ConflictKind conflict = ConflictKind::kNone)
      : code_(code), conflict_(conflict), message_(std::move(message)) {}

  Code code() const { return code_; }
  ConflictKind conflict() const { return conflict_; }
  const std::string& message() const { return message_; }

  // Puts what was being done in front of the message: Wrap("opening t") gives "opening t: <message>".
  Error Wrap(std::string_view doing) && {
    message_.insert(0, std::string(doing) + ": ");
    return std::move(*this);
  }
  // "Corrupt: 00000000000000000003.json line 2: ...".
  std::string ToString() const { return std::string(CodeName(code_)) + ": " + message_; }

 private:
  Code code_;
  ConflictKind conflict_ = ConflictKind::kNone;
  std::string message_;
};

// Either a T or an Error. Reading the wrong side ends the process: it is a bug of the caller, never of the data.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design
  // NOLINTBEGIN(google-explicit-constructor, bugprone-forwarding-reference-overload): implicit by design
  template <class U,
            class = std::enable_if_t<std::is_convertible_v<U&&, T> && !std::is_same_v<std::decay_t<U>, Result> &&
                                     !std::is_same_v<std::decay_t<U>, T> && !std::is_same_v<std::decay_t<U>, Error>>>
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  // NOLINTEND(google-explicit-constructor, bugprone-forwarding-reference-overload)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return Checked(); }
  const T& value() const& { return const_cast<Result*>(this)->Checked(); }
  T&& value() && { return std::move(Checked()); }
  T& operator*() & { return Checked(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(Checked()); }
  T* operator->() { return &Checked(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    if (ok()) std::abort();
    return std::get<1>(state_);
  }
  Error&& error() && {
    if (ok()) std::abort();
    return std::get<1>(std::move(state_));
  }

 private:
  T& Checked() {
    if (!ok()) std::abort();
    return std::get<0>(state_);
  }
  std::variant<T, Error> state_;
};

// Success, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design
  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& {
    if (ok()) std::abort();
    return *error_;
  }
  Error&& error() && {
    if (ok()) std::abort();
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};
using Status = Result<void>;

}  // namespace deltic

#define DELTIC_CONCAT_(a, b) a##b
#define DELTIC_CONCAT(a, b) DELTIC_CONCAT_(a, b)

// DELTIC_TRY(auto x, F()): x is F's value, or the enclosing function returns F's error.
#define DELTIC_TRY(declaration, expression) \
  DELTIC_TRY_(DELTIC_CONCAT(deltic_result_, __LINE__), declaration, expression)
#define DELTIC_TRY_(result, declaration, expression)  \
  auto result = (expression);                         \
  if (!result.ok()) return std::move(result).error(); \
  declaration = std::move(result).value()

// DELTIC_CHECK(F()): returns F's error from the enclosing function, goes on otherwise.
#define DELTIC_CHECK(expression)                                        \
  do {                                                                  \
    auto deltic_status_ = (expression);                                 \
    if (!deltic_status_.ok()) return std::move(deltic_status_).error(); \
  } while (false)
