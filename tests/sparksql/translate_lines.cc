// Owns a development program for tests/sparksql/run.py: translates each line of its input, a Spark SQL expression, over
// the columns of the schema whose JSON is its first argument, and prints one JSON object for each:
//   {"sql": "...", "type": "int"}   or   {"error": "Unsupported", "message": "..."}
// Is not installed and is no part of the deltic program. With --functions it prints the names of the function table.
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "schema/schema_json.h"
#include "sparksql/functions.h"
#include "sparksql/translate.h"

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--functions") {
    for (const auto& name : deltic::sparksql::FunctionNames()) std::cout << name << "\n";
    return 0;
  }
  if (argc != 2) {
    std::cerr << "usage: translate_lines SCHEMA_JSON < expressions\n";
    return 2;
  }
  const auto schema = deltic::ParseSchemaJson(argv[1]);
  if (!schema.ok()) {
    std::cerr << schema.error().ToString() << "\n";
    return 1;
  }
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto engine = deltic::TranslateSparkSql(line, *schema);
    nlohmann::json out;
    if (engine.ok()) {
      out = {{"sql", engine->sql}, {"type", engine->type.ToString()}};
    } else {
      out = {{"error", deltic::CodeName(engine.error().code())}, {"message", engine.error().message()}};
    }
    std::cout << out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  }
  return 0;
}
