// Owns the door by which tests/cli/test_arrow_ipc.py reaches the Arrow IPC writer, with pyarrow's arrays of every type
// and offset on the other side. A test library only: not part of the program.
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "arrow_ipc.h"

namespace {

deltic::Status WriteAll(ArrowArrayStream* stream, deltic::cli::IpcFormat format, deltic::cli::Output* out) {
  using deltic::Code;
  using deltic::Error;
  ArrowSchema schema;
  if (stream->get_schema(stream, &schema) != 0) return Error(Code::kInternal, stream->get_last_error(stream));
  auto writer = deltic::cli::ArrowIpcWriter::Start(schema, format, out);
  schema.release(&schema);
  if (!writer.ok()) return writer.error();
  while (true) {
    ArrowArray batch;
    if (stream->get_next(stream, &batch) != 0) return Error(Code::kInternal, stream->get_last_error(stream));
    if (batch.release == nullptr) return (*writer)->Finish();
    auto written = (*writer)->Write(batch);
    batch.release(&batch);
    if (!written.ok()) return written;
  }
}

}  // namespace

// Answers 0, or a Code with the message in `error` (room for 1000 bytes).
extern "C" DELTIC_EXPORT int deltic_test_write_ipc(ArrowArrayStream* stream, int as_file, const char* path,
                                                   char* error) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  deltic::cli::Output out(fd, path);
  auto status = WriteAll(stream, as_file != 0 ? deltic::cli::IpcFormat::kFile : deltic::cli::IpcFormat::kStream, &out);
  close(fd);
  stream->release(stream);
  if (status.ok()) return 0;
  std::strncpy(error, status.error().message().c_str(), 999);
  return static_cast<int>(status.error().code());
}
