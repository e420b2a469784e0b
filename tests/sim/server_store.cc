// Owns the times of objects on a server; see the header.
#include "server_store.h"

#include <map>
#include <string>
#include <utility>

#include "base/error.h"

namespace deltic::sim {
namespace {

class ServerStore : public ObjectStore {
 public:
  ServerStore(std::shared_ptr<ObjectStore> server, std::function<int64_t()> now_ms)
      : server_(std::move(server)), now_ms_(std::move(now_ms)) {}

  const std::string& uri() const override { return server_->uri(); }
  bool remote() const override { return false; }  // one thing at a time
  std::optional<std::string> LocalPath(std::string_view) const override { return std::nullopt; }

  Result<std::string> Get(std::string_view key) override { return server_->Get(key); }
  Result<std::string> GetRange(std::string_view key, ByteRange range) override { return server_->GetRange(key, range); }
  Result<ObjectMeta> Head(std::string_view key) override {
    DELTIC_TRY(ObjectMeta meta, server_->Head(key));
    return Timed(std::move(meta));
  }
  Status Put(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(server_->Put(key, bytes));
    put_ms_[std::string(key)] = now_ms_();
    return {};
  }
  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    DELTIC_TRY(const PutOutcome outcome, server_->PutIfAbsent(key, bytes));
    if (outcome == PutOutcome::kWritten) put_ms_[std::string(key)] = now_ms_();
    return outcome;
  }
  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override {
    return std::unique_ptr<MultipartWrite>(std::make_unique<Upload>(*this, std::string(key)));
  }
  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    return server_->List(folder, from_name, [&](const ObjectMeta& meta) { return visit(Timed(meta)); });
  }
  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    return server_->ListRecursive(folder, [&](const ObjectMeta& meta) { return visit(Timed(meta)); });
  }
  Status Delete(std::string_view key) override {
    DELTIC_CHECK(server_->Delete(key));
    put_ms_.erase(std::string(key));
    return {};
  }

 private:
  // Gathers the pieces: the server's own uploads are the contract's to test.
  class Upload : public MultipartWrite {
   public:
    Upload(ServerStore& store, std::string key) : store_(store), key_(std::move(key)) {}
    Status Write(std::string_view bytes) override {
      bytes_ += bytes;
      return {};
    }
    Result<ObjectMeta> Complete() override {
      DELTIC_CHECK(store_.Put(key_, bytes_));
      return store_.Head(key_);
    }
    Result<ObjectMeta> CompleteIfAbsent() override {
      DELTIC_TRY(const PutOutcome outcome, store_.PutIfAbsent(key_, bytes_));
      if (outcome == PutOutcome::kExists) return AlreadyExists("{} is there already", key_);
      if (outcome == PutOutcome::kUnknown) return Unavailable("{}: the answer was lost", key_);
      return store_.Head(key_);
    }
    Status Abort() override { return {}; }

   private:
    ServerStore& store_;
    const std::string key_;
    std::string bytes_;
  };

  ObjectMeta Timed(ObjectMeta meta) const {
    const auto found = put_ms_.find(meta.key);
    if (found != put_ms_.end()) meta.modified_ms = found->second;
    return meta;
  }

  const std::shared_ptr<ObjectStore> server_;
  const std::function<int64_t()> now_ms_;
  std::map<std::string, int64_t> put_ms_;
};

}  // namespace

std::shared_ptr<ObjectStore> MakeServerStore(std::shared_ptr<ObjectStore> server, std::function<int64_t()> now_ms) {
  return std::make_shared<ServerStore>(std::move(server), std::move(now_ms));
}

}  // namespace deltic::sim
