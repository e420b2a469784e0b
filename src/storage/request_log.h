// Owns a store that writes down what is asked of it, as a server over a network would see it, and which requests go
// together: how many round trips an operation takes is found this way, without a server and without a clock that a busy
// machine could falsify. For tests. Changes no answer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/store_around.h"

namespace deltic {

// One request as a cloud store gets it: a listing of 2,500 objects is three, a large upload one for each part.
struct StoreRequest {
  std::string method;      // GET, HEAD, PUT, LIST, DELETE, POST
  std::string key;         // of lists: folder + from_name
  std::string range;       // "", "100-199", "-65536"
  int64_t round_trip = 1;  // the first is 1; when requests are not held, each is in the first
  int64_t bytes = 0;       // of the answer's body, or of what was sent
};

// Thread-safe.
class RequestLog : public StoreAround {
 public:
  virtual std::vector<StoreRequest> Requests() const = 0;
  virtual void Clear() = 0;
  // From now on a request is held until no other has come for so long, then all that are held are answered: they made
  // one round trip. 0: answered at once. Requests that wait for one another are never in one round trip; such as are
  // sent together may come to be in two, when the machine does not get to the second in time.
  virtual void Hold(int64_t quiet_ms) = 0;
  // Of the requests since the last Clear; 0 when there was none.
  virtual int64_t RoundTrips() const = 0;
  // One line a request, for people: "  2  GET  _delta_log/0.json  bytes 0-99", with its round trip before it.
  virtual std::string Text() const = 0;

 protected:
  using StoreAround::StoreAround;
};

// Does the work, with its requests held, and answers its round trips. When they are more than `most`, does it again and
// holds longer, so that no busy machine makes them more than they are. The log then has the last time's requests.
int64_t FewestRoundTrips(RequestLog& log, int64_t most, const std::function<void()>& work);

struct RequestLogOptions {
  int64_t list_page = 1'000;     // objects in one answer of a listing
  int64_t delete_batch = 1'000;  // keys in one request
  int64_t part_bytes = 8 << 20;  // a write of no more is one PUT
};

// Has no local paths, whatever the inner store has: everything is read through it.
std::shared_ptr<RequestLog> MakeRequestLog(std::shared_ptr<ObjectStore> inner, RequestLogOptions options = {});

}  // namespace deltic
