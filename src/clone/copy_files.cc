// Owns the copying itself.
#include "clone/copy_files.h"

#include <algorithm>
#include <atomic>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress_teller.h"
#include "base/uuid.h"

namespace deltic {
namespace {

constexpr int64_t kPieceBytes = 4 * 1024 * 1024;
constexpr int kNames = 5;  // tried before a place counts as taken on purpose

// Beside `key`, a name that nobody has.
std::string OtherKey(const FileCopy& copy, const Env& env) {
  const std::string uuid = FormatUuid(MakeRandomUuid(env.random));
  const size_t slash = copy.key.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : copy.key.substr(0, slash + 1);
  if (copy.vector) return folder + "deletion_vector_" + uuid + ".bin";
  return folder + uuid + "-" + copy.key.substr(folder.size());
}

Status CopyOnce(ObjectStore& to, FileCopy& copy, const CopyRun& run, ProgressTeller& teller) {
  DELTIC_TRY(const auto out, to.StartMultipart(copy.key));
  for (int64_t offset = 0; offset < copy.size_bytes; offset += kPieceBytes) {
    DELTIC_CHECK(run.cancel.Check());
    const int64_t length = std::min(kPieceBytes, copy.size_bytes - offset);
    DELTIC_TRY(const std::string piece, copy.from.store->GetRange(copy.from.key, {.offset = offset, .length = length}));
    DELTIC_CHECK(out->Write(piece));
    teller.Add(length);
  }
  DELTIC_TRY(const ObjectMeta made, out->CompleteIfAbsent());
  (void)made;
  return {};
}

Status Copy(ObjectStore& to, FileCopy& copy, const CopyRun& run, ProgressTeller& teller) {
  DELTIC_CHECK(run.cancel.Check());
  DELTIC_TRY(const ObjectMeta found, copy.from.store->Head(copy.from.key));
  copy.size_bytes = found.size_bytes;
  for (int attempt = 1;; ++attempt) {
    Status status = CopyOnce(to, copy, run, teller);
    if (status.ok() || status.error().code() != Code::kAlreadyExists || attempt == kNames) return status;
    copy.key = OtherKey(copy, run.env);
    teller.Add(-copy.size_bytes);
  }
}

}  // namespace

Status CopyFiles(ObjectStore& to, std::vector<FileCopy>& copies, const CopyRun& run) {
  int64_t bytes = 0;
  for (const FileCopy& copy : copies) bytes += copy.size_bytes;
  ProgressTeller teller(run.progress, "copying files", "bytes", bytes);
  std::vector<std::atomic<bool>> made(copies.size());
  Status status = ForEachParallel(copies.size(), run.parallel, [&](size_t index) -> Status {
    FileCopy& copy = copies[index];
    Status done = Copy(to, copy, run, teller);
    if (!done.ok()) return std::move(done).error().Wrap("copying " + copy.from.Name());
    made[index] = true;
    return done;
  });
  if (status.ok()) return status;
  std::vector<FileCopy> left;
  for (size_t i = 0; i < copies.size(); ++i) {
    if (made[i]) left.push_back(copies[i]);
  }
  return DiscardCopies(to, left, std::move(status).error());
}

Error DiscardCopies(ObjectStore& store, const std::vector<FileCopy>& copies, Error error) {
  const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));
  std::vector<std::string> keys;
  keys.reserve(copies.size());
  for (const FileCopy& copy : copies) keys.push_back(copy.key);
  const std::vector<Status> deleted = store.DeleteMany(keys);
  std::string left;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!deleted[i].ok()) left += (left.empty() ? "" : ", ") + keys[i];
  }
  if (left.empty()) return error;
  return Error(error.code(), error.message() + "; these files of the failed copy could not be deleted: " + left,
               error.conflict());
}

}  // namespace deltic
