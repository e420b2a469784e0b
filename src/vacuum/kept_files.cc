// Owns the marks of KeptFiles: how a name becomes one, and which names a path may stand for.
#include "vacuum/kept_files.h"

#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/url.h"
#include "dv/deletion_vector.h"

namespace deltic {
namespace {

// Of a segment with letters beyond ASCII only that it has such: file systems that know no case know none of those
// either, and some show them in another Unicode form than they were written in.
uint64_t MarkOf(std::string_view key) {
  std::string folded;
  folded.reserve(key.size());
  size_t segment = 0;  // where it begins in `folded`
  bool plain = true;
  for (const char c : key) {
    if (c == '/') {
      folded += c;
      segment = folded.size();
      plain = true;
    } else if (plain && (static_cast<unsigned char>(c) & 0x80) != 0) {
      folded.resize(segment);
      folded += '\x80';
      plain = false;
    } else if (plain) {
      folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    }
  }
  const uint64_t mark = std::hash<std::string_view>()(folded);
  return mark == 0 ? 1 : mark;
}

}  // namespace

void KeptFiles::Grow() {
  std::vector<uint64_t> old = std::exchange(marks_, std::vector<uint64_t>(marks_.empty() ? 1024 : marks_.size() * 2));
  const size_t mask = marks_.size() - 1;
  for (const uint64_t mark : old) {
    if (mark == 0) continue;
    size_t at = mark & mask;
    while (marks_[at] != 0) at = (at + 1) & mask;
    marks_[at] = mark;
  }
}

void KeptFiles::AddKey(std::string_view key) {
  if (size_ * 4 >= marks_.size() * 3) Grow();
  const uint64_t mark = MarkOf(key);
  const size_t mask = marks_.size() - 1;
  size_t at = mark & mask;
  while (marks_[at] != 0 && marks_[at] != mark) at = (at + 1) & mask;
  if (marks_[at] == mark) return;
  marks_[at] = mark;
  ++size_;
}

bool KeptFiles::Contains(std::string_view key) const {
  if (marks_.empty()) return false;
  const uint64_t mark = MarkOf(key);
  const size_t mask = marks_.size() - 1;
  for (size_t at = mark & mask; marks_[at] != 0; at = (at + 1) & mask) {
    if (marks_[at] == mark) return true;
  }
  return false;
}

// Of "/data/t/p=1/x": "data/t/p=1/x", "t/p=1/x", "p=1/x" and "x". Whether the path is in the table cannot be told by
// its text: a link, a mount or another scheme may lead to the same folder.
void KeptFiles::AddEndings(std::string_view absolute) {
  for (size_t slash = absolute.find('/'); slash != absolute.npos; slash = absolute.find('/', slash + 1)) {
    if (slash + 1 < absolute.size() && absolute[slash + 1] != '/') AddKey(absolute.substr(slash + 1));
  }
}

Status KeptFiles::Add(std::string_view path) {
  if (CanonicalPaths::IsPlain(path)) {
    AddKey(path);
    return {};
  }
  DELTIC_TRY(const std::string canonical, paths_.Of(path));
  DELTIC_TRY(const FileLocation location, LocateFile(path));
  AddKey(canonical);
  if (!location.absolute.empty()) {
    AddEndings(canonical.starts_with('/') ? std::string_view(canonical) : std::string_view(location.absolute));
    const Result<std::string> decoded = PercentDecode(location.absolute);  // a URL of another scheme is as in the log
    if (decoded.ok()) AddEndings(*decoded);
  }
  // A writer that does not encode: its '%' is a '%' of the file's name.
  if (path.find('%') != path.npos) AddKey(path);
  return {};
}

Status KeptFiles::AddVector(const DeletionVectorDescriptor& vector) {
  DELTIC_TRY(const DeletionVectorLocation location, LocateDeletionVector(vector));
  if (location.inline_data) return {};
  if (!location.key.empty()) {
    AddKey(location.key);
    return {};
  }
  DELTIC_CHECK(Add(vector.path_or_inline_dv));
  AddEndings(location.absolute);
  return {};
}

Status KeptFiles::AddFileAndVector(const FileActionView& file) {
  DELTIC_CHECK(Add(file.path));
  if (!file.has_deletion_vector) return {};
  return AddVector({.storage_type = file.dv_storage_type,
                    .path_or_inline_dv = std::string(file.dv_path_or_inline),
                    .offset = file.dv_offset,
                    .size_in_bytes = file.dv_size_in_bytes,
                    .cardinality = file.dv_cardinality});
}

Status KeptFiles::AddAction(const Action& action) {
  if (const AddFile* add = std::get_if<AddFile>(&action)) {
    DELTIC_CHECK(Add(add->path));
    if (add->deletion_vector) return AddVector(*add->deletion_vector);
  } else if (const RemoveFile* remove = std::get_if<RemoveFile>(&action)) {
    DELTIC_CHECK(Add(remove->path));
    if (remove->deletion_vector) return AddVector(*remove->deletion_vector);
  } else if (const AddCdcFile* change = std::get_if<AddCdcFile>(&action)) {
    return Add(change->path);
  }
  return {};
}

}  // namespace deltic
