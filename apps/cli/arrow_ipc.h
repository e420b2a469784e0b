// Owns the Arrow IPC encoding of an Arrow C stream: the stream format (for pipes) and the file format (".arrow").
// Written by hand so that nothing of the Arrow C++ library is needed. Does not compress, dictionary-encode or read.
// Format: "Arrow Columnar Format", section "Serialization and Interprocess Communication (IPC)".
//
//   stream  = message(Schema), message(RecordBatch) ..., end
//   file    = "ARROW1" 0 0, stream, footer, footer bytes:i32, "ARROW1"
//   message = FFFFFFFF, metadata bytes:i32, metadata (a flatbuffer, padded), body (buffers, each padded to 64 bytes)
//   end     = FFFFFFFF 00000000
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow_ipc_schema.h"
#include "deltic/arrow.h"
#include "deltic/result.h"
#include "output.h"

namespace deltic::cli {

enum class IpcFormat : uint8_t { kStream, kFile };

// Writes batches of one schema to an Output. One thread at a time.
class ArrowIpcWriter {
 public:
  // Writes the schema message. Unsupported, naming the column, for a type the encoding here does not know
  // (dictionaries, unions, run-end encoding, list views). `schema` need live only during the call.
  static Result<std::unique_ptr<ArrowIpcWriter>> Start(const ArrowSchema& schema, IpcFormat format, Output* out);

  // Writes one record batch: a struct array, at any offset.
  Status Write(const ArrowArray& batch);
  // Writes the end (and the footer of a file) and flushes.
  Status Finish();

 private:
  // Where a message lies in a file, for the footer.
  struct Block {
    int64_t offset;
    int64_t metadata_bytes;
    int64_t body_bytes;
  };

  ArrowIpcWriter(IpcSchema schema, IpcFormat format, Output* out)
      : schema_(std::move(schema)), format_(format), out_(out) {}
  void Put(std::string_view bytes);
  Block PutMetadata(const std::string& flatbuffer, int64_t body_bytes);

  IpcSchema schema_;
  IpcFormat format_;
  Output* out_;
  std::vector<Block> batches_;
  int64_t position_ = 0;
};

}  // namespace deltic::cli
