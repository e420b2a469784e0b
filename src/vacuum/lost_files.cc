// Owns the two looks at storage. The first goes through all live files in chunks, so that memory does not grow with the
// table but for 16 bytes an object where the store is listed. The second asks again for what the first did not find: a
// listing may be older than the log, and an answer that takes a file out of a table is worth a second question.
#include "vacuum/lost_files.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress_teller.h"
#include "dv/deletion_vector.h"
#include "snapshot/file_place.h"
#include "vacuum/list_tree.h"

namespace deltic {
namespace {

constexpr size_t kChunk = 1'024;

// The objects of a store with their sizes, by 64-bit marks of their keys: two keys with one mark could only make a
// missing file look present.
class Listing {
 public:
  static Result<Listing> Of(ObjectStore& store, const LossRequest& request) {
    Listing listing;
    std::mutex mutex;
    TreeRequest walk{.threads = request.threads, .cancel = request.cancel, .progress = request.progress};
    walk.enters = [](std::string_view folder) { return folder != "_delta_log/"; };
    walk.wants = [&](const FolderEntry& file) {
      const std::lock_guard lock(mutex);
      listing.objects_.emplace_back(Mark(file.key), file.meta ? file.meta->size_bytes : -1);
      return false;
    };
    DELTIC_TRY(const Tree tree, ListTree(store, walk));
    (void)tree;
    std::sort(listing.objects_.begin(), listing.objects_.end());
    return listing;
  }

  // nullopt where it does not tell: for what it does not have, and for sizes that it did not show.
  std::optional<int64_t> SizeOf(std::string_view key) const {
    const uint64_t mark = Mark(key);
    const auto at = std::lower_bound(objects_.begin(), objects_.end(), std::pair<uint64_t, int64_t>(mark, -1));
    if (at == objects_.end() || at->first != mark || at->second < 0) return std::nullopt;
    return at->second;
  }

 private:
  static uint64_t Mark(std::string_view key) { return std::hash<std::string_view>()(key); }

  std::vector<std::pair<uint64_t, int64_t>> objects_;
};

bool IsGone(const Error& error) { return error.code() == Code::kNotFound; }

// One search. One thread at a time; the looks themselves run on many.
class Search {
 public:
  explicit Search(const LossRequest& request)
      : request_(request),
        store_(request.table->store()),
        teller_(request.progress, "checking files", "files", request.table->KnownSums() ? FilesOf(request) : 0) {}

  Result<Losses> Run() {
    DELTIC_TRY(const auto cursor, request_.table->LiveFiles({.all_fields = true}));
    while (true) {
      DELTIC_TRY(std::vector<AddFile> chunk, TakeChunk(*cursor));
      if (chunk.empty()) break;
      DELTIC_CHECK(ListIfWorthIt(chunk.size()));
      DELTIC_CHECK(Each(chunk, [&](AddFile& file) { return Look(file); }));
      losses_.files_checked += static_cast<int64_t>(chunk.size());
    }
    DELTIC_CHECK(LookAgain());
    const auto by_path = [](const auto& a, const auto& b) { return PathOf(a) < PathOf(b); };
    std::sort(losses_.missing.begin(), losses_.missing.end(), by_path);
    std::sort(losses_.vectors.begin(), losses_.vectors.end(), by_path);
    std::sort(losses_.damaged.begin(), losses_.damaged.end(), by_path);
    return std::move(losses_);
  }

 private:
  static int64_t FilesOf(const LossRequest& request) { return request.table->KnownSums()->num_files; }
  static const std::string& PathOf(const AddFile& file) { return file.path; }
  static const std::string& PathOf(const LostFile& lost) { return lost.file.path; }

  static Result<std::vector<AddFile>> TakeChunk(LiveFileCursor& cursor) {
    std::vector<AddFile> chunk;
    while (chunk.size() < kChunk) {
      DELTIC_TRY(std::optional<AddFile> file, cursor.Next());
      if (!file) break;
      chunk.push_back(std::move(*file));
    }
    return chunk;
  }

  // A disk answers for a file as fast as it lists it.
  Status ListIfWorthIt(size_t files) {
    if (looked_ || files < std::min(request_.list_from, kChunk) || store_->LocalPath("x")) {
      looked_ = true;
      return {};
    }
    looked_ = true;
    DELTIC_TRY(listing_, Listing::Of(*store_, request_));
    return {};
  }

  template <class Item, class Work>
  Status Each(std::vector<Item>& items, Work work) {
    return ForEachParallel(items.size(), request_.threads, [&](size_t i) -> Status {
      DELTIC_CHECK(request_.cancel.Check());
      DELTIC_CHECK(work(items[i]));
      teller_.Add(1);
      return {};
    });
  }

  template <class Item>
  void Note(std::vector<Item>& list, Item item) {
    const std::lock_guard lock(mutex_);
    list.push_back(std::move(item));
  }

  // The size of the file in storage; nullopt when it is not there.
  Result<std::optional<int64_t>> Ask(const FilePlace& place) {
    const Result<ObjectMeta> meta = place.store->Head(place.key);
    if (meta.ok()) return std::optional(meta->size_bytes);
    if (IsGone(meta.error())) return std::optional<int64_t>();
    return Error(meta.error()).Wrap("whether " + place.store->uri() + place.key + " is there");
  }

  Status Look(AddFile& file) {
    DELTIC_TRY(const FilePlace place, PlaceOfDataFile(store_, file.path));
    std::optional<int64_t> size = listing_ && place.store == store_ ? listing_->SizeOf(place.key) : std::nullopt;
    if (!size) {
      DELTIC_TRY(size, Ask(place));
    }
    if (!size) {
      Note(losses_.missing, std::move(file));
      return {};
    }
    DELTIC_TRY(std::string damage, DamageOf(file, place, *size));
    if (!damage.empty()) {
      Note(losses_.damaged, {file, std::move(damage)});
      if (request_.look_inside) return {};  // whoever looks so closely does not keep it
    }
    DELTIC_TRY(std::string loss, LossOfVector(file));
    if (!loss.empty()) Note(losses_.vectors, {std::move(file), std::move(loss)});
    return {};
  }

  // What is wrong with a file that is there; "" for nothing that can be seen.
  Result<std::string> DamageOf(const AddFile& file, const FilePlace& place, int64_t size) {
    // Some writers do not know the size and say 0, which no Parquet file has.
    if (file.size > 0 && size != file.size) return fmt::format("has {} bytes, the log says {}", size, file.size);
    if (!request_.look_inside) return std::string();
    constexpr int64_t kMagic = 4;
    constexpr int64_t kLeast = 12;  // magic, length of the footer, magic
    if (size < kLeast) return fmt::format("has {} bytes, which no Parquet file has", size);
    for (const int64_t offset : {int64_t{0}, size - kMagic}) {
      DELTIC_TRY(const std::string magic, place.store->GetRange(place.key, {.offset = offset, .length = kMagic}));
      if (magic != "PAR1" && magic != "PARE") return fmt::format("is no Parquet file: byte {} begins none", offset);
    }
    return std::string();
  }

  // Why the file's deletion vector is lost; "" when it is as it should be, or the file has none.
  Result<std::string> LossOfVector(const AddFile& file) {
    if (!file.deletion_vector) return std::string();
    const auto vector = ReadDeletionVector(*store_, *file.deletion_vector);
    if (vector.ok()) return std::string();
    if (IsGone(vector.error()) || vector.error().code() == Code::kCorrupt) return vector.error().message();
    return Error(vector.error()).Wrap(file.path);
  }

  // Of a file outside of the table's own store: that its store is there at all. A bucket that this endpoint does not
  // know answers for each of its files that there is none. Who may ask for a file that is not there may list: AWS and
  // GCS tell others "forbidden".
  Status CheckStore(const FilePlace& place) {
    if (place.store == store_ || place.store->LocalPath("x")) return {};
    {
      const std::lock_guard lock(mutex_);
      if (!stores_asked_.insert(place.store->uri()).second) return {};
    }
    const std::string folder = place.key.substr(0, place.key.rfind('/') + 1);
    Status listed = place.store->ListRecursive(folder, [](const ObjectMeta&) { return false; });
    if (listed.ok()) return {};
    return std::move(listed).error().Wrap("whether the store of " + place.Name() + ", which is missing, is there");
  }

  Status LookAgain() {
    std::vector<AddFile> missing = std::exchange(losses_.missing, {});
    std::vector<LostFile> vectors = std::exchange(losses_.vectors, {});
    DELTIC_CHECK(Each(missing, [&](AddFile& file) -> Status {
      DELTIC_TRY(const FilePlace place, PlaceOfDataFile(store_, file.path));
      DELTIC_TRY(const std::optional<int64_t> size, Ask(place));
      if (size) return {};
      DELTIC_CHECK(CheckStore(place));
      Note(losses_.missing, std::move(file));
      return {};
    }));
    return Each(vectors, [&](LostFile& lost) -> Status {
      DELTIC_TRY(std::string loss, LossOfVector(lost.file));
      if (!loss.empty()) Note(losses_.vectors, {std::move(lost.file), std::move(loss)});
      return {};
    });
  }

  const LossRequest& request_;
  const std::shared_ptr<ObjectStore> store_;
  ProgressTeller teller_;
  bool looked_ = false;  // whether a listing was thought of
  std::optional<Listing> listing_;
  std::mutex mutex_;  // of losses_ and stores_asked_
  Losses losses_;
  std::set<std::string> stores_asked_;
};

}  // namespace

Result<Losses> FindLosses(const LossRequest& request) { return Search(request).Run(); }

}  // namespace deltic
