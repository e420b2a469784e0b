// Owns the deleting; see the header.
#include "storage/delete_at_once.h"

#include "base/parallel.h"

namespace deltic {

std::vector<Status> DeleteAtOnce(ObjectStore& store, const std::vector<std::string>& keys, size_t threads) {
  std::vector<Status> outcomes(keys.size());
  (void)ForEachParallel(keys.size(), threads, [&](size_t i) {
    outcomes[i] = store.Delete(keys[i]);
    return Status();
  });
  return outcomes;
}

}  // namespace deltic
