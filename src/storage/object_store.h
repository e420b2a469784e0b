// Owns the ObjectStore interface: the few operations that the Delta log needs of storage, as local disks and cloud
// stores can both give them. Does not know the log, does not retry (storage/retry.h will) and does not cache.
//
// Keys are relative to the store's root, UTF-8, '/' separated, not percent-encoded, never absolute, and never contain
// a "." or ".." segment: a store answers InvalidArgument to those before it touches anything.
// Protocol: "Delta Log Entries" (put-if-absent is what makes a commit atomic).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "deltic/result.h"

namespace deltic {

struct ObjectMeta {
  std::string key;
  int64_t size_bytes = 0;
  int64_t modified_ms = 0;  // milliseconds since the Unix epoch
};

struct ByteRange {
  int64_t offset = 0;
  int64_t length = 0;  // bytes wanted; a store answers OutOfRange input with Corrupt, never with fewer bytes
};

// Which end of an object is wanted.
struct TailRange {
  int64_t length = 0;  // at most so many bytes
  // What the caller takes the object's size for, when it knows one: a store that cannot be asked for an end asks from
  // there on. The answer is right whether it was or not.
  std::optional<int64_t> size_bytes;
};

// The end of an object, and what Head says of it.
struct ObjectTail {
  ObjectMeta meta;
  std::string bytes;
};

// The outcome of a put-if-absent. kUnknown is not an error: the request may or may not have taken effect (a lost
// answer), and the caller must read the key back to learn which.
enum class PutOutcome { kWritten, kExists, kUnknown };

// A large object written piece by piece. Nothing is visible at its key before Complete answers ok; Abort (or the
// destructor, when neither was called) leaves nothing behind. One thread at a time.
class MultipartWrite {
 public:
  virtual ~MultipartWrite() = default;
  virtual Status Write(std::string_view bytes) = 0;
  virtual Result<ObjectMeta> Complete() = 0;
  // Like Complete, but leaves what is at the key already, answering AlreadyExists. A store that cannot do that in one
  // step looks first, and may still replace what another writer completes at the same moment.
  virtual Result<ObjectMeta> CompleteIfAbsent() = 0;
  virtual Status Abort() = 0;
};

// Receives one listed object; answering false ends the listing.
using ListVisitor = std::function<bool(const ObjectMeta&)>;

// What ListEntries shows: a file, or a folder (its key ends with '/').
struct FolderEntry {
  std::string key;
  // Of a file, where the store knows them without asking once more.
  std::optional<ObjectMeta> meta;
  bool folder() const { return key.ends_with('/'); }
};
using EntryVisitor = std::function<bool(const FolderEntry&)>;

class StoreOpener;

// Thread-safe: every method may be called from many threads at once.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // Opens other places as this one was opened, with the same options: the files that a log names outside of the table's
  // folder. Null for stores that were not opened by location (those of tests); they know the local file system only.
  const std::shared_ptr<StoreOpener>& opener() const { return opener_; }
  // Before the store is shared among threads. A store around another one passes the inner one's on.
  void set_opener(std::shared_ptr<StoreOpener> opener) { opener_ = std::move(opener); }

  // "file:///data/t/" or "memory://name/": for messages. Holds no secrets.
  virtual const std::string& uri() const = 0;

  // The whole object. NotFound when there is none.
  virtual Result<std::string> Get(std::string_view key) = 0;
  // Exactly range.length bytes from range.offset. Corrupt when the object is shorter.
  virtual Result<std::string> GetRange(std::string_view key, ByteRange range) = 0;
  virtual Result<ObjectMeta> Head(std::string_view key) = 0;
  // The last tail.length bytes, or the whole object when it has no more, and its metadata: in one request where the
  // store can, as a Parquet file is opened. The default is Head, then GetRange.
  virtual Result<ObjectTail> GetTail(std::string_view key, const TailRange& tail);

  // Writes or overwrites. Readers see the old or the new bytes, never a mix.
  virtual Status Put(std::string_view key, std::string_view bytes) = 0;
  // Writes only if nothing is at the key; atomic among all writers, and durable when it answers kWritten.
  virtual Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) = 0;
  virtual Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) = 0;
  // PutIfAbsent for what a reader can do without (a version checksum): whole or absent for every process that runs on,
  // but it may be gone or empty after a power failure, and so costs no wait for the disk.
  virtual Result<PutOutcome> PutIfAbsentRelaxed(std::string_view key, std::string_view bytes) {
    return PutIfAbsent(key, bytes);
  }

  // The objects directly in `folder` ("" or "_delta_log/": ends with '/' unless empty), in byte order of their keys,
  // from the first key >= folder + from_name. Folders are not listed and not entered. An absent folder lists as empty.
  virtual Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) = 0;
  // Every object below `folder`, in any order.
  virtual Status ListRecursive(std::string_view folder, const ListVisitor& visit) = 0;

  // What writers that died left in `folder` of files in the making, which no listing shows. Their keys can be deleted;
  // a young one may belong to a writer that is alive. Stores whose writes leave nothing behind have none.
  virtual Status ListLeftovers(std::string_view /*folder*/, const ListVisitor& /*visit*/) { return {}; }

  // Everything directly in `folder` that has a name, in any order: files, files in the making too, and folders, for the
  // caller to enter or not. Not links to folders: what is behind one is somebody else's. A store that has no folders
  // may show the files below it instead.
  virtual Status ListEntries(std::string_view folder, const EntryVisitor& visit) {
    return ListRecursive(folder, [&](const ObjectMeta& meta) { return visit({.key = meta.key, .meta = meta}); });
  }

  // Deletes a folder ("a/b/") that has nothing in it. Answers whether it did: one that holds something stays, and a
  // store that has no folders has none to delete.
  virtual Result<bool> DeleteEmptyFolder(std::string_view /*folder*/) { return false; }

  // An absent object counts as deleted.
  virtual Status Delete(std::string_view key) = 0;
  // One status a key, in order. The default deletes one by one.
  virtual std::vector<Status> DeleteMany(const std::vector<std::string>& keys);

  // Whether each request waits for a network: then it pays to ask for several things at once, and for what will be
  // wanted soon.
  virtual bool remote() const { return true; }

  // The path of a key in this machine's file system, where it has one: lets the engine open it without a copy.
  virtual std::optional<std::string> LocalPath(std::string_view key) const = 0;

 private:
  std::shared_ptr<StoreOpener> opener_;
};

// A file somewhere: a store, and its key in there.
struct ObjectPlace {
  std::shared_ptr<ObjectStore> store;
  std::string key;

  std::string Name() const { return store->uri() + key; }  // for messages
};

// Opens locations with one set of options. Thread-safe.
class StoreOpener {
 public:
  virtual ~StoreOpener() = default;
  // A location as people write it: a path, or a URL.
  virtual Result<std::shared_ptr<ObjectStore>> Open(std::string_view location) = 0;
  // The file that a URL names, percent-encoded as URLs in a log are; not local ones. Asked for many files of few
  // stores: it opens each store once. Corrupt for a URL that names no file, Unsupported for a scheme it does not know.
  virtual Result<ObjectPlace> Find(std::string_view url) = 0;
};

// Where a file outside of `store` is: `absolute` is a local path, decoded, or a URL as the log has it. Corrupt for what
// names no file; Unsupported, naming scheme and file, for a place that cannot be opened from this store.
Result<ObjectPlace> PlaceBeside(const ObjectStore& store, const std::string& absolute);

// InvalidArgument for an empty or absolute key, a "." or ".." segment, an empty segment or a NUL byte.
Status CheckKey(std::string_view key);

// The local file system below `root` (an absolute path without trailing '/'; need not exist).
// PutIfAbsent writes a temporary file in the same folder, fsyncs it, link(2)s it to its name (which fails if the name
// exists) and fsyncs the folder: atomic and durable among processes.
std::shared_ptr<ObjectStore> MakeLocalStore(std::string root);

// A store in this process's memory. For tests.
std::shared_ptr<ObjectStore> MakeMemoryStore(const std::string& name = "test");

// Reads a table location as people write it (a path, relative or absolute; file:/x; file:///x) into a store.
// Unsupported for other schemes, naming the scheme; stores/open_store.h opens those.
Result<std::shared_ptr<ObjectStore>> OpenLocalStore(std::string_view location);

}  // namespace deltic
