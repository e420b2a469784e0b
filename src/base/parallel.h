// Owns the running of many small jobs on a few threads, for work that waits for storage. Queues nothing beyond an index
// and knows nothing of the jobs.
#pragma once

#include <cstddef>
#include <functional>

#include "deltic/result.h"

namespace deltic {

// Calls `work` for each of 0 .. count-1, on at most `threads` threads, the calling one among them. When a call fails no
// further one begins; the answer is the error of the lowest index that failed. Returns when all threads are done. The
// calling thread's StopSign (base/cancel.h) stands over the others too.
Status ForEachParallel(size_t count, size_t threads, const std::function<Status(size_t)>& work);

}  // namespace deltic
