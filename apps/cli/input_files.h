// Owns how files of rows (Parquet, CSV, JSON lines) become a SELECT for a write, so that what is in them means the same
// whatever a sniffer would guess: for a table that exists its own types decide. Writes nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deltic/result.h"
#include "schema/types.h"

namespace deltic::cli {

// A query over files. Standard input is copied to a temporary file, which goes with this value.
class InputFiles {
 public:
  // `format` is parquet, csv, json or "" (by the files' names). `table` is the schema of the table to be written, null
  // for a new one. NotFound for a file that is not there; InvalidArgument when the format cannot be told.
  static Result<InputFiles> Make(std::vector<std::string> files, std::string format, const Fields* table);
  InputFiles(InputFiles&& other) noexcept;
  InputFiles& operator=(InputFiles&& other) noexcept;
  ~InputFiles();

  const std::string& sql() const { return sql_; }

 private:
  InputFiles() = default;
  std::string sql_;
  std::string spooled_;  // the temporary file, "" for none
};

}  // namespace deltic::cli
