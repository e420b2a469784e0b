// Feeds bytes as a serialised partition value to ParsePartitionValue, for every type that partitions a table. A value
// must have the type that was asked for and print. Seeds: values as writers write them, each behind a byte that picks
// the type.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "expr/literal.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace deltic;
  if (size == 0) return 0;
  const int kind = data[0] % (static_cast<int>(TypeKind::kVoid) + 1);
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  DataType type(static_cast<TypeKind>(kind));
  if (type.kind() == TypeKind::kDecimal) {
    const int precision = 1 + data[0] / 18 % 38;
    type = DataType::Decimal(precision, precision / 3);
  }
  const auto value = ParsePartitionValue(text, type);
  if (!value.ok()) {
    if (text.empty()) std::abort();  // the empty text is NULL of any type
    return 0;
  }
  if (value->is_null()) return 0;
  (void)value->ToString();
  const auto order = Compare(*value, *value);
  if (order && *order != std::weak_ordering::equivalent) std::abort();
  return 0;
}
