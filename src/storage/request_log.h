// Owns a store that writes down what is asked of it, as a server over a network would see it, and makes each request
// wait as long as a network would: how many round trips an operation takes is found this way, without a server.
// For tests and the benchmark of round trips. Changes no answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/object_store.h"

namespace deltic {

// One request as a cloud store gets it: a listing of 2,500 objects is three, a large upload one for each part.
struct StoreRequest {
  std::string method;    // GET, HEAD, PUT, LIST, DELETE, POST
  std::string key;       // of lists: folder + from_name
  std::string range;     // "", "100-199", "-65536"
  int64_t begin_ms = 0;  // since the log was made or cleared
  int64_t bytes = 0;     // of the answer's body, or of what was sent
};

// Thread-safe.
class RequestLog : public ObjectStore {
 public:
  virtual std::vector<StoreRequest> Requests() const = 0;
  virtual void Clear() = 0;
  // One line a request, for people: "  31 ms  GET  _delta_log/0.json  bytes 0-99".
  virtual std::string Text() const = 0;
};

struct RequestLogOptions {
  int64_t latency_ms = 0;        // what each request waits before it is done
  int64_t list_page = 1'000;     // objects in one answer of a listing
  int64_t delete_batch = 1'000;  // keys in one request
  int64_t part_bytes = 8 << 20;  // a write of no more is one PUT
};

// Has no local paths, whatever the inner store has: everything is read through it.
std::shared_ptr<RequestLog> MakeRequestLog(std::shared_ptr<ObjectStore> inner, RequestLogOptions options = {});

}  // namespace deltic
