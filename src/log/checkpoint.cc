// Owns the reading of checkpoints but for their file actions. Protocol: "V2 Spec", "Sidecar File Information".
#include "log/checkpoint.h"

#include <algorithm>
#include <set>

#include "actions/actions_json.h"
#include "base/error.h"
#include "base/url.h"
#include "engine/engine.h"
#include "log/commit_reader.h"

namespace deltic {
namespace {

constexpr std::string_view kSidecarFolder = "_delta_log/_sidecars/";

ActionKinds NoFiles() {
  ActionKinds kinds;
  kinds.add = kinds.remove = kinds.cdc = kinds.commit_info = false;
  return kinds;
}

bool IsMetadataLine(std::string_view line) {
  const size_t name = line.find('"');
  return name != std::string_view::npos && line.substr(name).starts_with("\"metaData\"");
}

Status TakeHeadLine(std::string_view line, std::string_view key, ActionParser& parser, CheckpointHead& head) {
  if (IsMetadataLine(line)) {
    head.metadata_line = std::string(line);
    return {};
  }
  ActionKinds kinds = ActionKinds::None();
  kinds.protocol = true;
  Result<std::optional<Action>> action = parser.Parse(line, kinds);
  if (!action.ok()) return std::move(action).error().Wrap(key);
  if (action->has_value()) head.protocol = std::get<Protocol>(std::move(**action));
  return {};
}

Result<CheckpointHead> ReadJsonHead(ObjectStore& store, const LogFile& file) {
  DELTIC_TRY(const LogFileText text, LogFileText::Read(store, file));
  CheckpointHead head;
  ActionParser parser;
  LogLines lines(text.text());
  while (true) {
    Result<LogLine> line = lines.Next();
    if (!line.ok()) return std::move(line).error().Wrap(file.key);
    if (line->text.empty()) return head;
    DELTIC_CHECK(TakeHeadLine(line->text, file.key, parser, head));
  }
}

}  // namespace

bool IsJson(const std::vector<LogFile>& checkpoint) { return checkpoint.size() == 1 && checkpoint[0].json; }

std::vector<std::string> Keys(const std::vector<LogFile>& files) {
  std::vector<std::string> keys;
  for (const LogFile& file : files) keys.push_back(file.key);
  return keys;
}

Result<CheckpointHead> ReadCheckpointHead(const std::shared_ptr<ObjectStore>& store,
                                          const std::vector<LogFile>& checkpoint) {
  if (IsJson(checkpoint)) return ReadJsonHead(*store, checkpoint[0]);
  DELTIC_TRY(const std::shared_ptr<Engine> engine, GetEngine());
  DELTIC_TRY(const std::vector<std::string> lines, engine->ReadCheckpointHead(store, Keys(checkpoint)));
  CheckpointHead head;
  ActionParser parser;
  for (const std::string& line : lines) DELTIC_CHECK(TakeHeadLine(line, checkpoint[0].key, parser, head));
  return head;
}

Result<std::vector<Action>> ReadCheckpointActions(const std::shared_ptr<ObjectStore>& store,
                                                  const std::vector<LogFile>& checkpoint) {
  std::vector<Action> actions;
  ActionParser parser;
  if (IsJson(checkpoint)) {
    DELTIC_TRY(const LogFileText text, LogFileText::Read(*store, checkpoint[0]));
    DELTIC_CHECK(text.Visit(parser, NoFiles(), [&](Action&& action) -> Result<bool> {
      actions.push_back(std::move(action));
      return true;
    }));
    return actions;
  }
  DELTIC_TRY(const std::shared_ptr<Engine> engine, GetEngine());
  DELTIC_TRY(const std::vector<std::string> lines, engine->ReadCheckpointActions(store, Keys(checkpoint)));
  for (const std::string& line : lines) {
    Result<std::optional<Action>> action = parser.Parse(line, NoFiles());
    if (!action.ok()) return std::move(action).error().Wrap(checkpoint[0].key);
    if (action->has_value()) actions.push_back(std::move(**action));
  }
  return actions;
}

Result<std::string> SidecarKey(const Sidecar& sidecar) {
  std::string_view path = sidecar.path;
  if (const size_t slash = path.rfind('/'); slash != std::string_view::npos) path.remove_prefix(slash + 1);
  DELTIC_TRY(const std::string name, PercentDecode(path));
  const bool names_a_file = !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
                            name.find('\0') == std::string::npos;
  if (!names_a_file) return Corrupt("the sidecar path '{}' names no file in {}", sidecar.path, kSidecarFolder);
  return std::string(kSidecarFolder) + name;
}

namespace {

// Which of a checkpoint's sidecars are there. Behind a network one listing of their folder tells it of several.
class SidecarsThere {
 public:
  static Result<SidecarsThere> Make(ObjectStore& store, const std::vector<Action>& actions) {
    SidecarsThere there(store);
    const auto sidecars = std::count_if(actions.begin(), actions.end(),
                                        [](const Action& action) { return std::holds_alternative<Sidecar>(action); });
    if (!store.remote() || sidecars < 2) return there;
    there.listed_.emplace();
    DELTIC_CHECK(store.List(kSidecarFolder, "", [&](const ObjectMeta& object) {
      there.listed_->insert(object.key);
      return true;
    }));
    return there;
  }
  // As ObjectStore::Head, but for the answer.
  Status Look(const std::string& key) const {
    if (!listed_) {
      const Result<ObjectMeta> found = store_->Head(key);
      return found.ok() ? Status() : Status(found.error());
    }
    DELTIC_CHECK(CheckKey(key));
    if (listed_->contains(key)) return {};
    return NotFound("{} is not there", key);
  }

 private:
  explicit SidecarsThere(ObjectStore& store) : store_(&store) {}
  ObjectStore* store_;
  std::optional<std::set<std::string>> listed_;
};

}  // namespace

Result<std::vector<std::string>> FindSidecars(ObjectStore& store, const std::vector<LogFile>& checkpoint,
                                              const std::vector<Action>& actions) {
  std::vector<std::string> keys;
  std::set<std::string> seen;
  DELTIC_TRY(const SidecarsThere there, SidecarsThere::Make(store, actions));
  for (const Action& action : actions) {
    const Sidecar* sidecar = std::get_if<Sidecar>(&action);
    if (!sidecar) continue;
    Result<std::string> key = SidecarKey(*sidecar);
    if (!key.ok()) return std::move(key).error().Wrap(checkpoint[0].key);
    const Status found = there.Look(*key);
    if (!found.ok() && found.error().code() == Code::kNotFound) {
      return Corrupt(
          "{}: its sidecar {} is missing, so the files of version {} cannot be known; restore it, or open an "
          "older version",
          checkpoint[0].key, *key, checkpoint[0].version);
    }
    if (!found.ok() && found.error().code() == Code::kInvalidArgument) {  // a name that no store can hold
      return Corrupt("{}: the sidecar path '{}' names no file: {}", checkpoint[0].key, sidecar->path.substr(0, 64),
                     found.error().message());
    }
    if (!found.ok()) return found.error();
    if (!seen.insert(*key).second) {
      return Corrupt("{}: it names the sidecar {} twice, so its files would be read twice", checkpoint[0].key, *key);
    }
    keys.push_back(std::move(*key));
  }
  return keys;
}

}  // namespace deltic
