// Owns the holding of a store to its word that it lists keys in byte order, and the leaving out of those before the
// first wanted one. A log that is read out of order would look torn. Asks no store.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "storage/object_store.h"

namespace deltic {

// One thread at a time; `visit` must outlive it.
class OrderedVisit {
 public:
  OrderedVisit(std::string from, const ListVisitor& visit) : from_(std::move(from)), visit_(visit) {}

  // As a ListVisitor: ends the listing at the first key that is not in order.
  bool Take(const ObjectMeta& meta) {
    ordered_ = ordered_ && last_ <= meta.key;
    if (!ordered_) return false;
    last_ = meta.key;
    return meta.key < from_ || visit_(meta);
  }

  // After the listing.
  Status Check(std::string_view uri) const {
    if (ordered_) return {};
    return Unsupported("{}: the store does not list keys in their order", uri);
  }

 private:
  const std::string from_;
  const ListVisitor& visit_;
  std::string last_;
  bool ordered_ = true;
};

}  // namespace deltic
