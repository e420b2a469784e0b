// Owns the one table per action that says which JSON key fills which member; reading and writing both walk it, so the
// two cannot drift apart. What a JSON value must look like to fill a member is in actions/json_members.h.
//
// A line is {"<action>":{...}}. Keys whose value is null count as absent everywhere: some writers spell out all the
// actions that a line is not. A line with two actions is Corrupt: readers disagree about which of them counts, so any
// choice would be a guess. For the same reason a key that comes twice within an action is Corrupt.
#include "actions/actions_json.h"

#include <cstring>
#include <span>

#include "actions/json_members.h"
#include "base/error.h"
#include "base/json_text.h"

namespace deltic {
namespace {

using json_members::Member;
using json_members::Stats;
using json_members::Value;
constexpr bool kRequired = true;
constexpr bool kOptional = false;

// format and configuration are required by the protocol, but Spark reads metadata without them as empty; so do we.
constexpr Member<Format> kFormat[] = {
    Value<&Format::provider>("provider", kOptional),
    Value<&Format::options>("options", kOptional),
};
constexpr Member<Metadata> kMetadata[] = {
    Value<&Metadata::id>("id", kRequired),
    Value<&Metadata::name>("name", kOptional),
    Value<&Metadata::description>("description", kOptional),
    Value<&Metadata::format>("format", kOptional),
    Value<&Metadata::schema_string>("schemaString", kRequired),
    Value<&Metadata::partition_columns>("partitionColumns", kRequired),
    Value<&Metadata::created_time>("createdTime", kOptional),
    Value<&Metadata::configuration>("configuration", kOptional),
};
constexpr Member<Protocol> kProtocol[] = {
    Value<&Protocol::min_reader_version>("minReaderVersion", kRequired),
    Value<&Protocol::min_writer_version>("minWriterVersion", kRequired),
    Value<&Protocol::reader_features>("readerFeatures", kOptional),
    Value<&Protocol::writer_features>("writerFeatures", kOptional),
};
constexpr Member<DeletionVectorDescriptor> kDeletionVector[] = {
    Value<&DeletionVectorDescriptor::storage_type>("storageType", kRequired),
    Value<&DeletionVectorDescriptor::path_or_inline_dv>("pathOrInlineDv", kRequired),
    Value<&DeletionVectorDescriptor::offset>("offset", kOptional),
    Value<&DeletionVectorDescriptor::size_in_bytes>("sizeInBytes", kRequired),
    Value<&DeletionVectorDescriptor::cardinality>("cardinality", kRequired),
};
constexpr Member<AddFile> kAdd[] = {
    Value<&AddFile::path>("path", kRequired),
    Value<&AddFile::partition_values>("partitionValues", kRequired),
    Value<&AddFile::size>("size", kRequired),
    Value<&AddFile::modification_time>("modificationTime", kRequired),
    Value<&AddFile::data_change>("dataChange", kRequired),
    Stats<&AddFile::stats>("stats"),
    Value<&AddFile::tags>("tags", kOptional),
    Value<&AddFile::deletion_vector>("deletionVector", kOptional),
    Value<&AddFile::base_row_id>("baseRowId", kOptional),
    Value<&AddFile::default_row_commit_version>("defaultRowCommitVersion", kOptional),
    Value<&AddFile::clustering_provider>("clusteringProvider", kOptional),
};
constexpr Member<RemoveFile> kRemove[] = {
    Value<&RemoveFile::path>("path", kRequired),
    Value<&RemoveFile::deletion_timestamp>("deletionTimestamp", kOptional),
    Value<&RemoveFile::data_change>("dataChange", kRequired),
    Value<&RemoveFile::extended_file_metadata>("extendedFileMetadata", kOptional),
    Value<&RemoveFile::partition_values>("partitionValues", kOptional),
    Value<&RemoveFile::size>("size", kOptional),
    Stats<&RemoveFile::stats>("stats"),
    Value<&RemoveFile::tags>("tags", kOptional),
    Value<&RemoveFile::deletion_vector>("deletionVector", kOptional),
    Value<&RemoveFile::base_row_id>("baseRowId", kOptional),
    Value<&RemoveFile::default_row_commit_version>("defaultRowCommitVersion", kOptional),
};
constexpr Member<AddCdcFile> kCdc[] = {
    Value<&AddCdcFile::path>("path", kRequired), Value<&AddCdcFile::partition_values>("partitionValues", kRequired),
    Value<&AddCdcFile::size>("size", kRequired), Value<&AddCdcFile::data_change>("dataChange", kOptional),
    Value<&AddCdcFile::tags>("tags", kOptional),
};
constexpr Member<SetTransaction> kTransaction[] = {
    Value<&SetTransaction::app_id>("appId", kRequired),
    Value<&SetTransaction::version>("version", kRequired),
    Value<&SetTransaction::last_updated>("lastUpdated", kOptional),
};
constexpr Member<DomainMetadata> kDomainMetadata[] = {
    Value<&DomainMetadata::domain>("domain", kRequired),
    Value<&DomainMetadata::configuration>("configuration", kRequired),
    Value<&DomainMetadata::removed>("removed", kRequired),
};
constexpr Member<Sidecar> kSidecar[] = {
    Value<&Sidecar::path>("path", kRequired),
    Value<&Sidecar::size_in_bytes>("sizeInBytes", kRequired),
    Value<&Sidecar::modification_time>("modificationTime", kRequired),
};
constexpr Member<CheckpointMetadata> kCheckpointMetadata[] = {
    Value<&CheckpointMetadata::version>("version", kRequired),
};

std::span<const Member<Format>> MembersOf(const Format*) { return kFormat; }
std::span<const Member<Metadata>> MembersOf(const Metadata*) { return kMetadata; }
std::span<const Member<Protocol>> MembersOf(const Protocol*) { return kProtocol; }
std::span<const Member<DeletionVectorDescriptor>> MembersOf(const DeletionVectorDescriptor*) { return kDeletionVector; }
std::span<const Member<AddFile>> MembersOf(const AddFile*) { return kAdd; }
std::span<const Member<RemoveFile>> MembersOf(const RemoveFile*) { return kRemove; }
std::span<const Member<AddCdcFile>> MembersOf(const AddCdcFile*) { return kCdc; }
std::span<const Member<SetTransaction>> MembersOf(const SetTransaction*) { return kTransaction; }
std::span<const Member<DomainMetadata>> MembersOf(const DomainMetadata*) { return kDomainMetadata; }
std::span<const Member<Sidecar>> MembersOf(const Sidecar*) { return kSidecar; }
std::span<const Member<CheckpointMetadata>> MembersOf(const CheckpointMetadata*) { return kCheckpointMetadata; }

// What must hold of an action beyond the shape of its members.
template <class T>
Status CheckSense(const T&) {
  return {};
}
Status CheckSense(const Metadata& metadata) {
  // An empty one would pass for the schema of no columns in a reader that skips the parse.
  return metadata.schema_string.empty() ? Status(Corrupt("schemaString is empty")) : Status();
}
Status CheckFile(const std::string& path, int64_t size) {
  if (path.empty()) return Corrupt("path is empty");
  if (size < 0) return Corrupt("size is {}, but cannot be negative", size);
  return {};
}
Status CheckSense(const AddFile& add) { return CheckFile(add.path, add.size); }
Status CheckSense(const RemoveFile& remove) { return CheckFile(remove.path, 0); }
Status CheckSense(const AddCdcFile& cdc) { return CheckFile(cdc.path, cdc.size); }
Status CheckSense(const Sidecar& sidecar) { return CheckFile(sidecar.path, sidecar.size_in_bytes); }
Status CheckSense(const DeletionVectorDescriptor& dv) {
  if (dv.storage_type != 'u' && dv.storage_type != 'i' && dv.storage_type != 'p') {
    return Corrupt("storageType is '{}', expected u, i or p", dv.storage_type);
  }
  if (dv.size_in_bytes < 0 || dv.cardinality < 0 || dv.offset.value_or(0) < 0) {
    return Corrupt("sizeInBytes, cardinality and offset cannot be negative");
  }
  return {};
}

using ActionResult = Result<std::optional<Action>>;

template <class T>
ActionResult ParseAction(od::object& object) {
  T action;
  DELTIC_CHECK(json_members::ReadObject(object, action));
  return std::optional<Action>(std::move(action));
}

// commitInfo is free-form: a value of an unexpected type is only left unparsed.
template <>
ActionResult ParseAction<CommitInfo>(od::object& object) {
  CommitInfo info;
  std::string_view raw;
  if (auto code = object.raw_json().get(raw)) return json_members::BadJson(code);
  info.json = json_members::TrimEnd(raw);
  if (auto code = object.reset().error()) return json_members::BadJson(code);
  for (auto entry : object) {
    od::field field;
    std::string_view key;
    if (auto code = std::move(entry).get(field)) return json_members::BadJson(code);
    if (auto code = field.unescaped_key().get(key)) return json_members::BadJson(code);
    int64_t number = 0;
    std::string_view text;
    if (key == "timestamp" && json_members::Read(field.value(), number).ok()) info.timestamp = number;
    if (key == "inCommitTimestamp" && json_members::Read(field.value(), number).ok()) info.in_commit_timestamp = number;
    if (key == "operation" && !field.value().get_string().get(text)) info.operation = std::string(text);
  }
  return std::optional<Action>(std::move(info));
}

struct ActionRow {
  std::string_view name;
  bool ActionKinds::*wanted;
  ActionResult (*parse)(od::object&);
};
// The most frequent first.
constexpr ActionRow kActions[] = {
    {"add", &ActionKinds::add, ParseAction<AddFile>},
    {"remove", &ActionKinds::remove, ParseAction<RemoveFile>},
    {"commitInfo", &ActionKinds::commit_info, ParseAction<CommitInfo>},
    {"cdc", &ActionKinds::cdc, ParseAction<AddCdcFile>},
    {"txn", &ActionKinds::txn, ParseAction<SetTransaction>},
    {"metaData", &ActionKinds::metadata, ParseAction<Metadata>},
    {"protocol", &ActionKinds::protocol, ParseAction<Protocol>},
    {"domainMetadata", &ActionKinds::domain, ParseAction<DomainMetadata>},
    {"sidecar", &ActionKinds::sidecar, ParseAction<Sidecar>},
    {"checkpointMetadata", &ActionKinds::checkpoint_metadata, ParseAction<CheckpointMetadata>},
};

const ActionRow* FindAction(std::string_view name) {
  for (const ActionRow& row : kActions) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::string_view Trim(std::string_view line) {
  if (line.substr(0, 3) == "\xEF\xBB\xBF") line.remove_prefix(3);  // a byte order mark
  const size_t first = line.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return json_members::TrimEnd(line.substr(first));
}

// Whether the line's first bytes say that it is an action the caller does not want: {"add":{ and the like, whatever
// blanks between. {"add":null decides nothing, for the action comes after.
bool StartsWithUnwanted(std::string_view line, const ActionKinds& kinds) {
  size_t at = 0;
  const auto take = [&](char expected) {
    at = line.find_first_not_of(" \t\r\n", at);
    return at < line.size() && line[at++] == expected;
  };
  if (!take('{') || !take('"')) return false;
  const size_t end = line.find('"', at);
  if (end == std::string_view::npos) return false;
  const ActionRow* row = FindAction(line.substr(at, end - at));
  if (row == nullptr || kinds.*(row->wanted)) return false;
  at = end + 1;
  return take(':') && take('{') && line.back() == '}';
}

// Whether the brackets of the line close at its very end: a line that is passed over must not hold a second document,
// which a lost line end would have put there.
bool IsOneDocument(std::string_view line) {
  int64_t depth = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      for (++i; i < line.size() && line[i] != '"'; ++i) {
        if (line[i] == '\\') ++i;
      }
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1 == line.size();
    }
  }
  return false;
}

// The value of one top-level key: nullopt when it is null or not wanted.
ActionResult ParseNamed(const ActionRow& row, od::value value, const ActionKinds& kinds) {
  if (!(kinds.*(row.wanted))) return std::optional<Action>();
  od::object object;
  if (auto code = value.get_object().get(object)) {
    if (code == simdjson::INCORRECT_TYPE) return Corrupt("{} is not a JSON object", row.name);
    return json_members::BadJson(code);
  }
  ActionResult action = row.parse(object);
  if (!action.ok()) return std::move(action).error().Wrap(row.name);
  return action;
}

ActionResult ParseLine(od::document& document, const ActionKinds& kinds) {
  od::object root;
  if (auto code = document.get_object().get(root)) {
    return code == simdjson::INCORRECT_TYPE ? Corrupt("an action must be a JSON object") : json_members::BadJson(code);
  }
  std::optional<Action> found;
  const ActionRow* found_row = nullptr;
  for (auto entry : root) {
    od::field field;
    std::string_view key;
    bool is_null = false;
    if (auto code = std::move(entry).get(field)) return json_members::BadJson(code);
    if (auto code = field.unescaped_key().get(key)) return json_members::BadJson(code);
    const ActionRow* row = FindAction(key);
    if (row == nullptr) continue;
    if (auto code = field.value().is_null().get(is_null)) return json_members::BadJson(code);
    if (is_null) continue;
    if (found_row != nullptr) return Corrupt("one line holds both {} and {}", found_row->name, row->name);
    found_row = row;
    DELTIC_TRY(found, ParseNamed(*row, field.value(), kinds));
  }
  // Only a document that was read to its end answers OUT_OF_BOUNDS.
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return Corrupt("the line goes on after its action");
  }
  return found;
}

void AppendAction(std::string& out, const CommitInfo& info) { out += info.json.empty() ? "{}" : info.json; }
template <class T>
void AppendAction(std::string& out, const T& action) {
  json_members::AppendObject(out, action);
}

constexpr std::string_view NameOf(const Metadata&) { return "metaData"; }
constexpr std::string_view NameOf(const Protocol&) { return "protocol"; }
constexpr std::string_view NameOf(const AddFile&) { return "add"; }
constexpr std::string_view NameOf(const RemoveFile&) { return "remove"; }
constexpr std::string_view NameOf(const AddCdcFile&) { return "cdc"; }
constexpr std::string_view NameOf(const SetTransaction&) { return "txn"; }
constexpr std::string_view NameOf(const DomainMetadata&) { return "domainMetadata"; }
constexpr std::string_view NameOf(const CommitInfo&) { return "commitInfo"; }
constexpr std::string_view NameOf(const Sidecar&) { return "sidecar"; }
constexpr std::string_view NameOf(const CheckpointMetadata&) { return "checkpointMetadata"; }

}  // namespace

// The two walks over a table of members; json_members.h declares them for nested objects.
namespace json_members {

template <class T>
Status ReadObject(od::object& object, T& out) {
  const auto members = MembersOf(static_cast<const T*>(nullptr));
  uint32_t seen = 0;
  size_t next = 0;  // writers keep to an order: look for the key behind the last one first
  for (auto entry : object) {
    od::field field;
    std::string_view key;
    bool is_null = false;
    if (auto code = std::move(entry).get(field)) return BadJson(code);
    if (auto code = field.unescaped_key().get(key)) return BadJson(code);
    size_t i = 0;
    while (i < members.size() && members[(next + i) % members.size()].key != key) ++i;
    if (i == members.size()) continue;
    i = (next + i) % members.size();
    next = i + 1;
    if (auto code = field.value().is_null().get(is_null)) return BadJson(code);
    if (is_null) continue;
    if (seen & (1u << i)) return Corrupt("{} is there twice", members[i].key);
    seen |= 1u << i;
    Status status = members[i].read(field.value(), out);
    if (!status.ok()) return std::move(status).error().Wrap(members[i].key);
  }
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].required && !(seen & (1u << i))) return Corrupt("{} is missing", members[i].key);
  }
  return CheckSense(out);
}

template <class T>
void AppendObject(std::string& out, const T& value) {
  out += '{';
  for (const auto& member : MembersOf(static_cast<const T*>(nullptr))) {
    const size_t before = out.size();
    if (out.back() != '{') out += ',';
    AppendJsonString(out, member.key);
    out += ':';
    // Tags are optional: none are not written as an empty object, which each file of a table would carry for nothing.
    const bool written = member.append(value, out) && !(member.key == "tags" && out.ends_with("{}"));
    if (!written) out.resize(before);
  }
  out += '}';
}

}  // namespace json_members

struct ActionParser::Buffers {
  od::parser parser;
  std::string text;  // the line with the room behind it that simdjson asks for
};

ActionParser::ActionParser() : buffers_(std::make_unique<Buffers>()) {}
ActionParser::~ActionParser() = default;
ActionParser::ActionParser(ActionParser&&) noexcept = default;
ActionParser& ActionParser::operator=(ActionParser&&) noexcept = default;

Result<std::optional<Action>> ActionParser::Parse(std::string_view line, const ActionKinds& kinds) {
  line = Trim(line);
  if (line.empty() || (StartsWithUnwanted(line, kinds) && IsOneDocument(line))) return std::optional<Action>();
  if (line.front() != '{') return Corrupt("an action must be a JSON object");
  const size_t needed = line.size() + simdjson::SIMDJSON_PADDING;
  if (buffers_->text.size() < needed) buffers_->text.resize(needed + needed / 2);
  std::memcpy(buffers_->text.data(), line.data(), line.size());
  std::memset(buffers_->text.data() + line.size(), 0, simdjson::SIMDJSON_PADDING);
  od::document document;
  if (auto code = buffers_->parser.iterate(buffers_->text.data(), line.size(), buffers_->text.size()).get(document)) {
    return json_members::BadJson(code);
  }
  return ParseLine(document, kinds);
}

std::string ToJson(const Action& action) {
  return std::visit(
      [](const auto& value) {
        std::string out = "{\"" + std::string(NameOf(value)) + "\":";
        AppendAction(out, value);
        return out + "}";
      },
      action);
}

}  // namespace deltic
