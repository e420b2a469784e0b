// Owns the plan of a clone's files.
#include "clone/clone_files.h"

#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/url.h"
#include "base/uuid.h"
#include "dv/deletion_vector.h"
#include "snapshot/paths.h"

namespace deltic {
namespace {

constexpr std::string_view kVectorName = "deletion_vector_";
constexpr std::string_view kVectorEnd = ".bin";

std::string_view NameOf(std::string_view key) { return key.substr(key.rfind('/') + 1); }

// The folders at the end of an absolute place that name a partition ("a=1/b=2/"), at most as many as there are
// partition columns, for people who look at the copy.
std::string PartitionFolders(std::string_view key, size_t columns) {
  size_t begin = key.rfind('/') + 1;
  while (begin > 0 && columns-- > 0) {
    const size_t end = begin - 1;
    const size_t slash = end == 0 ? std::string_view::npos : key.rfind('/', end - 1);
    const size_t start = slash == std::string_view::npos ? 0 : slash + 1;
    if (key.substr(start, end - start).find('=') == std::string_view::npos) break;
    begin = start;
  }
  return std::string(key.substr(begin, key.rfind('/') + 1 - begin));
}

// A vector file's descriptor text, by the file's key: "[prefix]<uuid in Z85>".
std::optional<std::string> VectorText(std::string_view key) {
  const std::string_view name = NameOf(key);
  if (!name.starts_with(kVectorName) || !name.ends_with(kVectorEnd)) return std::nullopt;
  const std::string_view text = name.substr(kVectorName.size(), name.size() - kVectorName.size() - kVectorEnd.size());
  const Result<Uuid> uuid = ParseUuid(text);
  if (!uuid.ok()) return std::nullopt;
  std::string bytes;
  for (const uint8_t byte : uuid->bytes) bytes += static_cast<char>(byte);
  const std::string_view folder = key.substr(0, key.size() - name.size());
  return std::string(folder.substr(0, folder.empty() ? 0 : folder.size() - 1)) + EncodeZ85(bytes);
}

class Planning {
 public:
  explicit Planning(const ClonePlanRequest& request)
      : request_(request), source_root_(RootUri(*request.source->store())), target_paths_(*request.target) {}

  Result<ClonePlan> Run() {
    DELTIC_CHECK(ReadReplaced());
    DELTIC_TRY(const auto files, request_.source->LiveFiles({.all_fields = true, .prune = false}));
    while (true) {
      DELTIC_CHECK(request_.cancel.Check());
      DELTIC_TRY(std::optional<AddFile> file, files->Next());
      if (!file) break;
      plan_.source_files++;
      plan_.source_bytes += file->size;
      const std::string path = file->path;
      Status status = request_.shallow ? AddShallow(std::move(*file)) : AddDeep(std::move(*file));
      if (!status.ok()) return std::move(status).error().Wrap("the source's file " + path);
    }
    for (Replaced& file : replaced_) {
      if (!file.kept) plan_.removed.push_back(std::move(file.add));
    }
    return std::move(plan_);
  }

 private:
  struct Replaced {
    AddFile add;
    bool kept = false;
  };

  Status ReadReplaced() {
    if (request_.replaced == nullptr) return {};
    DELTIC_TRY(const auto files, request_.replaced->LiveFiles({.all_fields = true, .prune = false}));
    while (true) {
      DELTIC_CHECK(request_.cancel.Check());
      DELTIC_TRY(std::optional<AddFile> file, files->Next());
      if (!file) return {};
      DELTIC_TRY(const std::string key, KeyOf(*file));
      by_key_.emplace(key, replaced_.size());
      // A copy that lies elsewhere, named by a shallow clone of an earlier clone, is not this table's to count on.
      DELTIC_TRY(const FileLocation location, LocateFile(file->path));
      const auto tag = file->tags.find(kClonedFromTag);
      if (tag != file->tags.end() && !location.key.empty()) {
        by_tag_.emplace(tag->second, replaced_.size());
      }
      replaced_.push_back({.add = std::move(*file)});
    }
  }

  Result<std::string> KeyOf(const AddFile& file) const {
    DELTIC_TRY(std::string key, target_paths_.Of(file.path));
    key += '\n';
    if (file.deletion_vector) key += file.deletion_vector->UniqueId();
    return key;
  }

  // As the clone's own: rows get ids of their own there.
  static AddFile AsNew(AddFile file) {
    file.data_change = true;
    file.base_row_id.reset();
    file.default_row_commit_version.reset();
    file.tags.erase(kClonedFromTag);
    return file;
  }

  // Keeps the replaced table's file when it is this one.
  Result<bool> Keep(const AddFile& file) {
    DELTIC_TRY(const std::string key, KeyOf(file));
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return false;
    replaced_[found->second].kept = true;
    plan_.kept++;
    return true;
  }

  Status AddShallow(AddFile source) {
    AddFile file = AsNew(std::move(source));
    DELTIC_TRY(const FileLocation location, LocateFile(file.path));
    if (!location.key.empty()) {
      file.path = source_root_ + "/" + EncodeUriPath(location.key);
    } else if (location.absolute.front() == '/') {
      file.path = "file:" + EncodeUriPath(location.absolute);
    }
    if (file.deletion_vector && file.deletion_vector->storage_type == 'u') {
      DELTIC_TRY(const DeletionVectorLocation vector, LocateDeletionVector(*file.deletion_vector));
      file.deletion_vector->storage_type = 'p';
      file.deletion_vector->path_or_inline_dv = source_root_ + "/" + EncodeUriPath(vector.key);
    }
    DELTIC_TRY(const bool kept, Keep(file));
    if (!kept) plan_.added.push_back({.add = std::move(file)});
    return {};
  }

  Status AddDeep(AddFile source) {
    ClonedFile cloned;
    const std::string tag = request_.source->metadata().id + "/" + source.path;
    cloned.add = AsNew(std::move(source));
    AddFile& add = cloned.add;
    add.tags[kClonedFromTag] = tag;
    DELTIC_TRY(FilePlace data, PlaceOfDataFile(request_.source->store(), add.path));
    // A copy that the replaced table has already, perhaps with other deleted rows.
    const auto known = by_tag_.find(tag);
    const bool has_copy = known != by_tag_.end() && replaced_[known->second].add.size == add.size;
    if (has_copy) add.path = replaced_[known->second].add.path;

    std::optional<FileCopy> vector_copy;
    if (add.deletion_vector && add.deletion_vector->storage_type != 'i') {
      DELTIC_TRY(const std::optional<FilePlace> place, PlaceOfVector(request_.source->store(), *add.deletion_vector));
      vector_copy = FileCopy{.from = *place, .key = VectorKey(*place), .vector = true};
      add.deletion_vector->storage_type = 'u';
      add.deletion_vector->path_or_inline_dv = VectorText(vector_copy->key).value_or("");
    }
    if (has_copy) {
      DELTIC_TRY(const bool kept, Keep(add));
      if (kept) return {};
    } else {
      cloned.data = plan_.copies.size();
      plan_.data_files_copied++;
      plan_.data_bytes_copied += add.size;
      plan_.copies.push_back({.from = data, .key = DataKey(add, data), .size_bytes = add.size});
    }
    if (vector_copy) cloned.vector = AddVectorCopy(std::move(*vector_copy));
    plan_.added.push_back(std::move(cloned));
    return {};
  }

  // Files of the source's own folder keep their place in it.
  std::string DataKey(const AddFile& file, const FilePlace& place) const {
    if (place.store == request_.source->store()) return place.key;
    // A local file's place is its folder and its name; one of a bucket has its whole way there as the key.
    const Result<FileLocation> location = LocateFile(file.path);
    const bool local = location.ok() && location->absolute.starts_with('/');
    return PartitionFolders(local ? location->absolute : place.key, file.partition_values.size()) +
           std::string(NameOf(place.key));
  }
  std::string VectorKey(const FilePlace& place) const {
    if (place.store == request_.source->store()) return place.key;
    if (VectorText(NameOf(place.key))) return std::string(NameOf(place.key));
    return std::string(kVectorName) + FormatUuid(MakeRandomUuid(request_.env.random)) + std::string(kVectorEnd);
  }

  // Many data files have their vectors in one file.
  size_t AddVectorCopy(FileCopy copy) {
    const auto [place, is_new] = vectors_.emplace(copy.from.Name(), plan_.copies.size());
    if (is_new) plan_.copies.push_back(std::move(copy));
    return place->second;
  }

  const ClonePlanRequest& request_;
  const std::string source_root_;
  const CanonicalPaths target_paths_;
  ClonePlan plan_;
  std::vector<Replaced> replaced_;
  std::unordered_map<std::string, size_t> by_key_;
  std::unordered_map<std::string, size_t> by_tag_;
  std::unordered_map<std::string, size_t> vectors_;
};

}  // namespace

Result<ClonePlan> PlanClone(const ClonePlanRequest& request) { return Planning(request).Run(); }

Result<std::vector<AddFile>> FinishAdds(ClonePlan& plan) {
  std::vector<AddFile> adds;
  adds.reserve(plan.added.size());
  for (ClonedFile& file : plan.added) {
    if (file.data) {
      const std::string& key = plan.copies[*file.data].key;
      // The path stays spelled as it was where the place is the same.
      DELTIC_TRY(const FileLocation location, LocateFile(file.add.path));
      if (location.key != key) file.add.path = PercentEncode(key, "/=");
    }
    if (file.vector) {
      const std::optional<std::string> text = VectorText(plan.copies[*file.vector].key);
      if (!text) return Internal("{} is no name of a deletion vector file", plan.copies[*file.vector].key);
      file.add.deletion_vector->path_or_inline_dv = *text;
    }
    adds.push_back(std::move(file.add));
  }
  return adds;
}

}  // namespace deltic
