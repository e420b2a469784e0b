// Owns `deltic schema`: a table's columns as a tree, or the schema JSON as the log holds it.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "json_out.h"
#include "output.h"
#include "terminal.h"

namespace deltic::cli {

namespace {

// The JSON was read by the library already, so its shape holds; what is missing all the same shows as "?".
class Tree {
 public:
  explicit Tree(Output* out) : out_(out), terminal_(Terminal::Of(STDOUT_FILENO)) {}

  void PrintFields(const Json& type, const std::string& indent) {
    for (const Json& field : type.value("fields", Json::array())) {
      PrintNode(indent, Printable(field.value("name", "?")), field.value("type", Json("?")),
                Nullable("nullable", field.value("nullable", true)) + Comment(field));
    }
  }

 private:
  static std::string Nullable(const char* what, bool is) { return fmt::format("({} = {})", what, is); }

  static std::string Comment(const Json& field) {
    const Json metadata = field.value("metadata", Json::object());
    if (!metadata.is_object() || !metadata.contains("comment") || !metadata["comment"].is_string()) return "";
    return "  -- " + Printable(metadata["comment"].get<std::string>());
  }

  void PrintNode(const std::string& indent, const std::string& name, const Json& type, const std::string& remark) {
    const std::string shown = type.is_string() ? type.get<std::string>() : type.value("type", "?");
    out_->Write(
        fmt::format("{}|-- {}: {} {}\n", indent, terminal_.Bold(name), Printable(shown), terminal_.Dim(remark)));
    PrintInside(type, indent + "|    ");
  }

  void PrintInside(const Json& type, const std::string& indent) {
    if (!type.is_object()) return;
    const std::string kind = type.value("type", "");
    if (kind == "struct") PrintFields(type, indent);
    if (kind == "array") {
      PrintNode(indent, "element", type.value("elementType", Json("?")),
                Nullable("containsNull", type.value("containsNull", true)));
    }
    if (kind == "map") {
      PrintNode(indent, "key", type.value("keyType", Json("?")), "");
      PrintNode(indent, "value", type.value("valueType", Json("?")),
                Nullable("valueContainsNull", type.value("valueContainsNull", true)));
    }
  }

  Output* out_;
  Terminal terminal_;
};

}  // namespace

void AddSchema(Commands* commands) {
  CLI::App* command = commands->Add("schema", "A table's columns and their types");
  auto table_arguments = TableArguments::AddTo(command, "describe");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "The schema JSON of the log, as it stands there");
  commands->SetRun(command, [=]() -> Status {
    DELTIC_TRY(Table table, table_arguments->Open());
    const TableInfo info = table.Info();
    Output out(STDOUT_FILENO, "standard output");
    if (*as_json) {
      out.Write(info.schema_json + "\n");
      return out.Flush();
    }
    const Json schema = Json::parse(info.schema_json, nullptr, false);
    if (!schema.is_object()) return Internal("the schema of version {} is not a JSON object", info.version);
    out.Write("root\n");
    try {
      Tree(&out).PrintFields(schema, " ");
    } catch (const Json::exception& e) {
      return Internal("the schema of version {} has an unknown shape: {}", info.version, e.what());
    }
    return out.Flush();
  });
}

}  // namespace deltic::cli
