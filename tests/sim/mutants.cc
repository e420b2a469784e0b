// Owns the blinding.
#include "mutants.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "log/listing.h"
#include "storage/store_around.h"

namespace deltic::sim {
namespace {

class BlindStore : public StoreAround {
 public:
  BlindStore(std::shared_ptr<ObjectStore> inner, std::string blind_to)
      : StoreAround(std::move(inner)), blind_to_(std::move(blind_to)) {}

  void ForgetAfter(int64_t version) { forget_after_ = version; }

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
  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    return inner_->ListRecursive(folder, [&](ObjectMeta meta) {
      if (blind_to_ == "ages") meta.modified_ms = 0;
      return visit(meta);
    });
  }
  std::optional<std::string> LocalPath(std::string_view) const override { return std::nullopt; }
  bool remote() const override { return false; }

 private:
  // The last but one character of each becomes another.
  static void Blot(std::string& text, std::string_view what) {
    for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) text[at + what.size() - 2] = 'X';
  }

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
