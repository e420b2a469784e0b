// Owns the writing of deletion vector files.
//
//   file  = version *entry
//   version = u8:1
//   entry = u32:size_bytes bytes u32:crc32(bytes)           big-endian; a descriptor's offset is that of its entry
//
// Protocol: "Deletion Vector File Storage Format".
#include "dv/dv_writer.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "base/cancel.h"
#include "base/error.h"
#include "base/random_letters.h"
#include "base/uuid.h"
#include "dv/deletion_vector.h"

namespace deltic {
namespace {

constexpr std::string_view kFileVersion = "\x01";
constexpr int64_t kFrameBytes = 8;  // size and checksum
// Where a file ends and the next one begins: far below what a descriptor's offset can say.
constexpr int64_t kFileBytes = int64_t{1} << 30;

std::string Big(uint32_t value) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(value >> shift & 0xFF));
  return bytes;
}

}  // namespace

DeletionVectorWriter::DeletionVectorWriter(ObjectStore& store, const Env& env, const TableConfig& config)
    : store_(store),
      env_(env),
      prefix_length_(config.randomize_file_prefixes ? std::max(1, config.random_prefix_length) : 0) {}

DeletionVectorWriter::~DeletionVectorWriter() {
  if (finished_) return;
  const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));
  if (file_) (void)file_->Abort().ok();
  // A file that could not be completed may be there all the same. What cannot be deleted is vacuum's to find.
  for (const std::string& key : keys_) (void)store_.Delete(key).ok();
}

Status DeletionVectorWriter::Open() {
  const Uuid uuid = MakeRandomUuid(env_.random);
  const std::string prefix = prefix_length_ > 0 ? RandomLetters(prefix_length_, env_.random) : "";
  place_ = prefix + EncodeZ85({reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()});
  const std::string key =
      fmt::format("{}{}deletion_vector_{}.bin", prefix, prefix.empty() ? "" : "/", FormatUuid(uuid));
  Result<std::unique_ptr<MultipartWrite>> file = store_.StartMultipart(key);
  if (!file.ok()) return std::move(file).error().Wrap("writing " + key);
  file_ = std::move(*file);
  keys_.push_back(key);
  offset_ = static_cast<int64_t>(kFileVersion.size());
  return file_->Write(kFileVersion);
}

Result<DeletionVectorDescriptor> DeletionVectorWriter::Add(const RowSet& rows) {
  if (finished_) return Internal("a deletion vector is added to a writer that has finished");
  if (rows.empty()) return Internal("a deletion vector of no rows");
  const std::string bytes = SerializeRowSet(rows);
  if (bytes.size() > static_cast<size_t>(kFileBytes)) {
    return Unsupported("a deletion vector of {} bytes: a file may not have more than {} bytes of them", bytes.size(),
                       kFileBytes);
  }
  const auto size = static_cast<int64_t>(bytes.size());
  if (file_ && offset_ + size + kFrameBytes > kFileBytes) DELTIC_CHECK(Close());
  if (!file_) DELTIC_CHECK(Open());

  const auto crc =
      static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
  const std::string head = Big(static_cast<uint32_t>(size));
  const std::string tail = Big(crc);
  for (const std::string* part : {&head, &bytes, &tail}) {
    Status written = file_->Write(*part);
    if (!written.ok()) return std::move(written).error().Wrap("writing " + keys_.back());
  }
  DeletionVectorDescriptor descriptor{.storage_type = 'u',
                                      .path_or_inline_dv = place_,
                                      .offset = static_cast<int32_t>(offset_),
                                      .size_in_bytes = static_cast<int32_t>(size),
                                      .cardinality = rows.cardinality()};
  offset_ += size + kFrameBytes;
  return descriptor;
}

Status DeletionVectorWriter::Close() {
  const std::unique_ptr<MultipartWrite> file = std::move(file_);
  Result<ObjectMeta> made = file->Complete();
  if (made.ok()) return {};
  return std::move(made).error().Wrap("writing " + keys_.back());
}

Status DeletionVectorWriter::Finish() {
  if (file_) DELTIC_CHECK(Close());
  finished_ = true;
  return {};
}

}  // namespace deltic
