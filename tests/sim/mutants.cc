// Owns the blinding.
#include "mutants.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "log/listing.h"

namespace deltic::sim {
namespace {

class BlindStore : public ObjectStore {
 public:
  BlindStore(std::shared_ptr<ObjectStore> inner, std::string blind_to)
      : inner_(std::move(inner)), blind_to_(std::move(blind_to)) {}

  void ForgetAfter(int64_t version) { forget_after_ = version; }

  const std::string& uri() const override { return inner_->uri(); }
  Result<std::string> Get(std::string_view key) override {
    DELTIC_TRY(std::string text, inner_->Get(key));
    if (!key.starts_with(kLogFolder)) return text;
    if (blind_to_ == "vectors") Blot(text, "\"deletionVector\"");
    if (blind_to_ == "vacuums") Blot(text, "VACUUM START");
    if (blind_to_ != "winners") return text;
    const auto file = ParseLogName(key.substr(kLogFolder.size()));
    if (!file || file->version <= forget_after_) return text;
    Blot(text, "{\"add\"");
    Blot(text, "{\"remove\"");
    return text;
  }
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
    return inner_->ListRecursive(folder, [&](ObjectMeta meta) {
      if (blind_to_ == "ages") meta.modified_ms = 0;
      return visit(meta);
    });
  }
  Status Delete(std::string_view key) override { return inner_->Delete(key); }
  std::optional<std::string> LocalPath(std::string_view) const override { return std::nullopt; }
  bool remote() const override { return false; }

 private:
  // The last but one character of each becomes another.
  static void Blot(std::string& text, std::string_view what) {
    for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) text[at + what.size() - 2] = 'X';
  }

  const std::shared_ptr<ObjectStore> inner_;
  const std::string blind_to_;
  int64_t forget_after_ = INT64_MAX;
};

}  // namespace

std::shared_ptr<ObjectStore> MutantOf(const std::shared_ptr<ObjectStore>& store, const std::string& blind_to) {
  if (blind_to.empty()) return store;
  return std::make_shared<BlindStore>(store, blind_to);
}

void MutantForgetsAfter(const std::shared_ptr<ObjectStore>& store, int64_t version) {
  if (const auto blind = std::dynamic_pointer_cast<BlindStore>(store)) blind->ForgetAfter(version);
}

}  // namespace deltic::sim
