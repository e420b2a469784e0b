// Owns the steps of a locked commit and of its recovery; see the header.
#include "s3/dynamo_log_store.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/turns.h"
#include "base/url.h"
#include "base/uuid.h"
#include "storage/store_around.h"

namespace deltic {
namespace {

constexpr std::string_view kLog = "_delta_log/";
constexpr int kRecoverTries = 4;
// So long after a commit another attempt at it fails by the file alone, whatever the store: Spark's and delta-rs's.
constexpr int64_t kExpireAfterS = 24 * 60 * 60;

// "00000000000000000012.json" of "_delta_log/00000000000000000012.json"; "" for a key that is no commit.
std::string_view CommitName(std::string_view key) {
  if (!key.starts_with(kLog)) return {};
  const std::string_view name = key.substr(kLog.size());
  const bool commit = name.size() == 25 && name.ends_with(".json") &&
                      std::all_of(name.begin(), name.begin() + 20, [](char c) { return c >= '0' && c <= '9'; });
  return commit ? name : std::string_view();
}

// The name of the commit before; "" before version 0.
std::string NameBefore(std::string_view name) {
  std::string digits(name.substr(0, 20));
  for (size_t i = digits.size(); i-- > 0;) {
    if (digits[i] != '0') {
      --digits[i];
      return digits + ".json";
    }
    digits[i] = '9';
  }
  return {};
}

bool IsNotFound(const Error& error) { return error.code() == Code::kNotFound; }

class DynamoLogStore : public StoreAround {
 public:
  DynamoLogStore(std::shared_ptr<ObjectStore> inner, std::shared_ptr<CommitTable> table, std::string_view url, Env env)
      : StoreAround(std::move(inner)),
        table_(std::move(table)),
        spellings_(TablePathSpellings(url)),
        env_(std::move(env)) {}

  Result<std::string> Get(std::string_view key) override {
    return Whole(key, [&] { return inner_->Get(key); });
  }
  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    return Whole(key, [&] { return inner_->GetRange(key, range); });
  }
  Result<ObjectMeta> Head(std::string_view key) override {
    return Whole(key, [&] { return inner_->Head(key); });
  }
  Result<ObjectTail> GetTail(std::string_view key, const TailRange& tail) override {
    return Whole(key, [&] { return inner_->GetTail(key, tail); });
  }

  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    const std::string_view name = CommitName(key);
    if (name.empty()) return inner_->PutIfAbsent(key, bytes);
    if (const auto there = inner_->Head(key); there.ok()) {
      return PutOutcome::kExists;
    } else if (!IsNotFound(there.error())) {
      return there.error();
    }
    DELTIC_TRY(const std::string location, Location(true));
    DELTIC_CHECK(CheckBefore(location, name));

    const CommitEntry entry{.file_name = std::string(name),
                            .temp_path = fmt::format(".tmp/{}.{}", name, FormatUuid(MakeRandomUuid(env_.random)))};
    const std::string temporary = std::string(kLog) + entry.temp_path;
    DELTIC_CHECK(inner_->Put(temporary, bytes));
    DELTIC_TRY(const PutOutcome claimed, Claim(location, entry));
    if (claimed == PutOutcome::kExists) (void)inner_->Delete(temporary);
    if (claimed != PutOutcome::kWritten) return claimed;

    // From here on the commit is decided, and whoever sees the claim finishes it: what fails now is finished later.
    const auto put = inner_->PutIfAbsent(key, bytes);
    if (!put.ok() || *put == PutOutcome::kUnknown) return PutOutcome::kUnknown;
    PutOutcome outcome = PutOutcome::kWritten;
    if (*put == PutOutcome::kExists) {
      // By someone who finished our claim; or by a writer who asks no locks, whose commit stays.
      const auto there = inner_->Get(key);
      if (!there.ok()) return PutOutcome::kUnknown;
      outcome = *there == bytes ? PutOutcome::kWritten : PutOutcome::kExists;
    }
    // Only what is marked as complete is left alone by those who finish claims, and needs its bytes no more.
    if (Finish(location, entry).ok()) (void)inner_->Delete(temporary);
    return outcome;
  }

  Result<PutOutcome> PutIfAbsentRelaxed(std::string_view key, std::string_view bytes) override {
    return CommitName(key).empty() ? inner_->PutIfAbsentRelaxed(key, bytes) : PutIfAbsent(key, bytes);
  }

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    if (folder == kLog) {
      DELTIC_TRY(const std::string location, Location());
      DELTIC_TRY(const auto newest, table_->Newest(location));
      if (newest && !newest->complete) DELTIC_CHECK(Recover(location, *newest));
    }
    return inner_->List(folder, from_name, visit);
  }
  Status ListEntries(std::string_view folder, const EntryVisitor& visit) override {
    return inner_->ListEntries(folder, visit);
  }
  std::vector<Status> DeleteMany(const std::vector<std::string>& keys) override { return inner_->DeleteMany(keys); }

 private:
  // What `ask` answers, after the commit at the key was finished when it was claimed and is not there yet.
  template <class Ask>
  std::invoke_result_t<Ask> Whole(std::string_view key, const Ask& ask) {
    auto answer = ask();
    const std::string_view name = CommitName(key);
    if (name.empty() || answer.ok() || !IsNotFound(answer.error())) return answer;
    DELTIC_TRY(const std::string location, Location());
    DELTIC_TRY(const auto entry, table_->Find(location, std::string(name)));
    if (!entry || entry->complete) return answer;
    DELTIC_CHECK(Recover(location, *entry));
    return ask();
  }

  // The spelling of the table's place that its writers use. A reader looks at the others once, a writer until there are
  // entries: another may begin with another spelling.
  Result<std::string> Location(bool writing = false) {
    DELTIC_TRY(const Turns::Turn turn, turns_.Take());
    if (!location_.empty()) return location_;
    DELTIC_TRY(const auto usual, table_->Newest(spellings_.front()));
    if (usual) return location_ = spellings_.front();
    if (looked_ && !writing) return spellings_.front();
    std::vector<std::string> known;
    for (size_t i = 1; i < spellings_.size(); ++i) {
      DELTIC_TRY(const auto newest, table_->Newest(spellings_[i]));
      if (newest) known.push_back(spellings_[i]);
    }
    looked_ = true;
    if (known.size() > 1) {
      return Unsupported(
          "{}: the DynamoDB table has entries for {} and for {}: writers that spell a table's location in two ways do "
          "not see each other. Let all of them use one, and delete the entries of the other",
          uri(), known[0], known[1]);
    }
    if (known.empty()) return spellings_.front();
    return location_ = known.front();
  }

  // Commit N is put only after N-1 is whole; and version 0 not over what is left of a table that was deleted.
  Status CheckBefore(const std::string& location, std::string_view name) {
    const std::string before = NameBefore(name);
    DELTIC_TRY(const auto entry, table_->Find(location, before.empty() ? std::string(name) : before));
    if (entry && !entry->complete) return Recover(location, *entry);
    if (before.empty()) {
      if (!entry) return {};
      // Another may have made the table just now: then the claim tells.
      const auto made = inner_->Head(std::string(kLog) + std::string(name));
      if (made.ok()) return {};
      if (!IsNotFound(made.error())) return made.error();
      return AlreadyExists(
          "{}: the DynamoDB table has entries of an earlier table at {}: delete them before a table is "
          "made there anew",
          uri(), location);
    }
    const auto there = inner_->Head(std::string(kLog) + before);
    if (there.ok()) return {};
    if (!IsNotFound(there.error())) return there.error();
    return Corrupt("{}: commit {} cannot be made: the one before, {}, is not there", uri(), name, before);
  }

  // As the table's Claim. Whatever it says but yes is looked at: a request may be sent twice on its way (libcurl does
  // when a kept connection turns out to be dead), and the second one meets the first.
  Result<PutOutcome> Claim(const std::string& location, const CommitEntry& entry) {
    DELTIC_TRY(const PutOutcome outcome, table_->Claim(location, entry));
    if (outcome == PutOutcome::kWritten) return outcome;
    const auto there = table_->Find(location, entry.file_name);
    // An error would say that nothing was claimed.
    if (!there.ok() || !there->has_value()) return PutOutcome::kUnknown;
    return (*there)->temp_path == entry.temp_path ? PutOutcome::kWritten : PutOutcome::kExists;
  }

  // Brings the bytes of a claimed commit to their place, unless somebody did, and marks the claim as complete.
  Status Recover(const std::string& location, const CommitEntry& entry) {
    const std::string key = std::string(kLog) + entry.file_name;
    const std::string temporary = std::string(kLog) + entry.temp_path;
    if (!CheckKey(key).ok() || !CheckKey(temporary).ok()) {
      return Corrupt("{}: the DynamoDB entry for {} names files outside of the log", uri(), entry.file_name);
    }
    for (int attempt = 1;; ++attempt) {
      DELTIC_TRY(const bool whole, TryRecover(key, temporary));
      if (whole) break;
      if (attempt >= kRecoverTries) return Unavailable("{}{}: it was claimed, and cannot be finished", uri(), key);
    }
    // One who may only read sees the commit all the same.
    Status finished = Finish(location, entry);
    if (!finished.ok() && finished.error().code() != Code::kPermissionDenied) return finished;
    return {};
  }

  Result<bool> TryRecover(const std::string& key, const std::string& temporary) {
    auto there = inner_->Head(key);
    if (there.ok()) return true;
    if (!IsNotFound(there.error())) return std::move(there).error();
    const auto bytes = inner_->Get(temporary);
    if (!bytes.ok() && !IsNotFound(bytes.error())) return bytes.error();
    if (!bytes.ok()) {
      // delta-rs moves the file: it is gone as soon as the commit is there.
      there = inner_->Head(key);
      if (there.ok()) return true;
      if (!IsNotFound(there.error())) return std::move(there).error();
      return Corrupt("{}{}: it was claimed, but its bytes are gone ({})", uri(), key, temporary);
    }
    DELTIC_TRY(const PutOutcome put, inner_->PutIfAbsent(key, *bytes));
    return put != PutOutcome::kUnknown;
  }

  Status Finish(const std::string& location, const CommitEntry& entry) {
    return table_->Complete(location, entry, env_.now_ms() / 1000 + kExpireAfterS);
  }

  const std::shared_ptr<CommitTable> table_;
  const std::vector<std::string> spellings_;
  const Env env_;
  Turns turns_;
  std::string location_;  // "" until there are entries
  bool looked_ = false;   // under the other spellings too
};

}  // namespace

std::vector<std::string> TablePathSpellings(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  const size_t scheme_end = url.find("://");
  const std::string rest(scheme_end == std::string_view::npos ? url : url.substr(scheme_end + 3));
  std::string scheme(scheme_end == std::string_view::npos ? "s3" : url.substr(0, scheme_end));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](unsigned char c) { return std::tolower(c); });
  // Spark's keys are decoded, delta-rs's as URLs are.
  const auto decoded = PercentDecode(rest);
  const std::string plain = decoded.ok() ? *decoded : rest;
  std::vector<std::string> spellings;
  for (const std::string& prefix : {scheme, std::string(scheme == "s3a" ? "s3" : "s3a")}) {
    for (const std::string& path : {plain, PercentEncode(plain, "/")}) {
      for (const char* end : {"", "/"}) {
        std::string spelling = prefix + "://" + path + end;
        if (std::find(spellings.begin(), spellings.end(), spelling) == spellings.end())
          spellings.push_back(std::move(spelling));
      }
    }
  }
  return spellings;
}

std::shared_ptr<ObjectStore> MakeDynamoLogStore(std::shared_ptr<ObjectStore> inner, std::shared_ptr<CommitTable> table,
                                                std::string_view url, Env env) {
  return std::make_shared<DynamoLogStore>(std::move(inner), std::move(table), url, std::move(env));
}

}  // namespace deltic
