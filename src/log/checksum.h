// Owns the text of a version checksum, both ways: what a writer says the table was at one version.
// Read, it is believed only for protocol and metadata (as the commits after it are read), never for what a scan
// returns; its sums only by deltic's own upkeep, and only where deltic wrote them. A broken one is as good as none.
// Does not decide what belongs in one (upkeep/checksum.cc). Protocol: "Version Checksum File".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actions/actions.h"
#include "deltic/result.h"
#include "log/file_sums.h"

namespace deltic {

struct VersionChecksum {
  std::optional<Protocol> protocol;
  std::optional<Metadata> metadata;
  std::optional<int64_t> num_files;
  std::optional<int64_t> table_size_bytes;
  std::optional<int64_t> num_deletion_vectors;
  std::optional<int64_t> num_deleted_records;
  std::optional<int64_t> in_commit_timestamp;
};

// Corrupt when it is not one JSON object, or a field that is there does not have its type.
Result<VersionChecksum> ParseChecksum(std::string_view json);

// What deltic writes. Nothing in it is a guess.
struct ChecksumText {
  std::string txn_id;  // "" for none
  Protocol protocol;
  Metadata metadata;
  FileSums sums;
  // Whether the table's protocol knows deletion vectors: only then are theirs told, as Spark does.
  bool deletion_vectors = false;
  std::optional<int64_t> in_commit_timestamp;
  std::optional<std::vector<SetTransaction>> transactions;
  std::optional<std::vector<DomainMetadata>> domains;
};
std::string FormatChecksum(const ChecksumText& text);

// What a next version's sums are made from.
struct ChecksumSums {
  FileSums sums;
  std::optional<std::vector<SetTransaction>> transactions;
  std::optional<std::vector<DomainMetadata>> domains;
};
// nullopt for a text that FormatChecksum did not make: writers are known whose counts are not the log's.
std::optional<ChecksumSums> ParseOwnChecksum(std::string_view json);

}  // namespace deltic
