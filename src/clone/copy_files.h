// Owns the copying of files from any place into a table's store: in parallel, in pieces, never over what is there, and
// away again when the operation fails. Does not know which files a table needs.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/env.h"
#include "deltic/progress.h"
#include "deltic/result.h"
#include "snapshot/file_place.h"
#include "storage/object_store.h"

namespace deltic {

struct FileCopy {
  FilePlace from;
  std::string key;         // where to; changed to a free name of the same kind when something is there already
  bool vector = false;     // a file of deletion vectors: its name must be that of one
  int64_t size_bytes = 0;  // of the file as it was copied; before that a guess for progress
};

struct CopyRun {
  size_t parallel = 8;
  Env env;
  CancelToken cancel;
  ProgressCallback progress;
};

// All or nothing: on failure the files made so far are deleted, and those that could not be are named in the error.
// Every file is durable when it answers. NotFound names a file that is gone. Memory: a few MiB for each of `parallel`.
Status CopyFiles(ObjectStore& to, std::vector<FileCopy>& copies, const CopyRun& run);

// For an operation that fails after its files were made: the error, with the files named that could not be deleted.
Error DiscardCopies(ObjectStore& store, const std::vector<FileCopy>& copies, Error error);

}  // namespace deltic
