// Owns what stores around another one have in common: each call goes to the inner store. Changes no answer.
#pragma once

#include <memory>
#include <utility>

#include "storage/object_store.h"

namespace deltic {

// A subclass overrides what it answers itself. GetTail, PutIfAbsentRelaxed, ListEntries and DeleteMany are not passed
// on: their defaults ask this store's other calls, so that no subclass can be gone around by one of them that it has
// not heard of; one that adds nothing to them overrides them with the inner store's. As thread-safe as the inner store.
class StoreAround : public ObjectStore {
 public:
  const std::string& uri() const override { return inner_->uri(); }

  Result<std::string> Get(std::string_view key) override { return inner_->Get(key); }
  Result<std::string> GetRange(std::string_view key, ByteRange range) override { return inner_->GetRange(key, range); }
  Result<ObjectMeta> Head(std::string_view key) override { return inner_->Head(key); }

  Status Put(std::string_view key, std::string_view bytes) override { return inner_->Put(key, bytes); }
  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    return inner_->PutIfAbsent(key, bytes);
  }
  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override {
    return inner_->StartMultipart(key);
  }

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    return inner_->List(folder, from_name, visit);
  }
  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    return inner_->ListRecursive(folder, visit);
  }
  Status ListLeftovers(std::string_view folder, const ListVisitor& visit) override {
    return inner_->ListLeftovers(folder, visit);
  }

  Result<bool> DeleteEmptyFolder(std::string_view folder) override { return inner_->DeleteEmptyFolder(folder); }
  Status Delete(std::string_view key) override { return inner_->Delete(key); }

  bool remote() const override { return inner_->remote(); }
  std::optional<std::string> LocalPath(std::string_view key) const override { return inner_->LocalPath(key); }

 protected:
  explicit StoreAround(std::shared_ptr<ObjectStore> inner) : inner_(std::move(inner)) { set_opener(inner_->opener()); }

  const std::shared_ptr<ObjectStore> inner_;
};

}  // namespace deltic
