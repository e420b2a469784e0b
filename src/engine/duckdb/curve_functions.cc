// Owns the functions' DuckDB side: keys of values by type, and the loops over vectors.
#include "engine/duckdb/curve_functions.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/function/scalar_function.hpp>
#include <duckdb/parser/parsed_data/create_scalar_function_info.hpp>
#include <duckdb/planner/expression/bound_function_expression.hpp>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/curve.h"
#include "engine/duckdb/number_types.h"

namespace deltic {
namespace {

using duckdb::FlatVector;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::PhysicalType;
using duckdb::string_t;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;

// Strings that agree in more than this are in one range.
constexpr size_t kKeyBytes = 64;

// An order-preserving number for values of at most eight bytes.
constexpr uint64_t kSign = uint64_t{1} << 63;
uint64_t Number(std::unsigned_integral auto value) { return value; }
uint64_t Number(int8_t value) { return static_cast<uint64_t>(static_cast<int64_t>(value)) ^ kSign; }
uint64_t Number(int16_t value) { return static_cast<uint64_t>(static_cast<int64_t>(value)) ^ kSign; }
uint64_t Number(int32_t value) { return static_cast<uint64_t>(static_cast<int64_t>(value)) ^ kSign; }
uint64_t Number(int64_t value) { return static_cast<uint64_t>(value) ^ kSign; }
uint64_t Number(double value) {
  if (std::isnan(value)) return ~uint64_t{0};  // above all, as in sorts
  const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}
uint64_t Number(float value) { return Number(static_cast<double>(value)); }

std::string Bytes(uint64_t number) {
  std::string bytes(8, '\0');
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i) & 0xff);
  return bytes;
}
std::string Bytes(duckdb::hugeint_t value) { return Bytes(Number(value.upper)) + Bytes(value.lower); }

std::string_view View(const string_t& text) { return {text.GetData(), text.GetSize()}; }

// Calls `visit` with each row and a pointer to its value, nullptr for NULL; false when the type has no order. Unsigned
// numbers, which no table has, have none.
template <class Visit>
bool VisitValues(Vector& input, idx_t count, const Visit& visit) {
  if (input.GetType().IsUnsigned()) return false;
  UnifiedVectorFormat format;
  input.ToUnifiedFormat(count, format);
  const auto visit_rows = [&]<class T>(std::type_identity<T>) {
    const T* values = UnifiedVectorFormat::GetData<T>(format);
    for (idx_t row = 0; row < count; ++row) {
      const idx_t at = format.sel->get_index(row);
      visit(row, format.validity.RowIsValid(at) ? values + at : nullptr);
    }
  };
  const PhysicalType type = input.GetType().InternalType();
  if (type != PhysicalType::VARCHAR) return WithNumberType(type, visit_rows);
  visit_rows(std::type_identity<string_t>());
  return true;
}

void RunOrderKey(duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
  const idx_t count = arguments.size();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* keys = FlatVector::GetData<string_t>(result);
  const bool ordered = VisitValues(arguments.data[0], count, [&]<class T>(idx_t row, const T* value) {
    std::string key;
    if (value != nullptr) {
      if constexpr (std::is_same_v<T, string_t>) {
        key = View(*value).substr(0, kKeyBytes);
      } else if constexpr (std::is_same_v<T, duckdb::hugeint_t>) {
        key = Bytes(*value);
      } else {
        key = Bytes(Number(*value));
      }
    }
    keys[row] = duckdb::StringVector::AddStringOrBlob(result, key);
  });
  if (!ordered) {
    for (idx_t row = 0; row < count; ++row) FlatVector::SetNull(result, row, true);
  }
}

void RunOrderNumber(duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
  Vector& input = arguments.data[0];
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* numbers = FlatVector::GetData<uint64_t>(result);
  const PhysicalType type = input.GetType().InternalType();
  const bool longer = type == PhysicalType::VARCHAR || type == PhysicalType::INT128;
  const bool fits = !longer && VisitValues(input, arguments.size(), [&]<class T>(idx_t row, const T* value) {
    if constexpr (std::is_arithmetic_v<T>) {
      if (value != nullptr) {
        numbers[row] = Number(*value);
      } else {
        FlatVector::SetNull(result, row, true);
      }
    }
  });
  if (!fits) {
    throw duckdb::InvalidInputException("deltic_order_number: %s has no order in eight bytes",
                                        input.GetType().ToString());
  }
}

// The ranges of one deltic_range_number in a query.
struct RangesOfCall : public duckdb::FunctionData {
  explicit RangesOfCall(std::shared_ptr<const RangeNumbers> the_ranges) : ranges(std::move(the_ranges)) {}
  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<RangesOfCall>(ranges); }
  bool Equals(const FunctionData& other) const override { return ranges == other.Cast<RangesOfCall>().ranges; }
  std::shared_ptr<const RangeNumbers> ranges;
};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  throw duckdb::BinderException("deltic_range_number: the bounds are no hexadecimal digits");
}

std::vector<std::string> ParseBounds(std::string_view text) {
  std::vector<std::string> bounds;
  if (text.empty()) return bounds;
  bounds.emplace_back();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',') {
      bounds.emplace_back();
    } else if (i + 1 < text.size()) {
      bounds.back() += static_cast<char>(HexDigit(text[i]) << 4 | HexDigit(text[i + 1]));
      ++i;
    }
  }
  return bounds;
}

duckdb::unique_ptr<duckdb::FunctionData> BindRanges(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                                    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  if (arguments[0]->return_type.id() == duckdb::LogicalTypeId::UNKNOWN || !arguments[1]->IsFoldable()) {
    throw duckdb::BinderException("deltic_range_number: the bounds must be a constant");
  }
  const duckdb::Value text = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[1]);
  if (text.IsNull()) throw duckdb::BinderException("deltic_range_number: the bounds are NULL");
  auto ranges = std::make_shared<const RangeNumbers>(ParseBounds(duckdb::StringValue::Get(text)));
  duckdb::Function::EraseArgument(function, arguments, 1);
  function.arguments[0] = arguments[0]->return_type;
  return duckdb::make_uniq<RangesOfCall>(std::move(ranges));
}

void RunRangeNumber(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  const auto& call = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<RangesOfCall>();
  const RangeNumbers& ranges = *call.ranges;
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* numbers = FlatVector::GetData<uint32_t>(result);
  const idx_t count = arguments.size();
  const bool ordered = VisitValues(arguments.data[0], count, [&]<class T>(idx_t row, const T* value) {
    if (value == nullptr) {
      numbers[row] = 0;
    } else if constexpr (std::is_same_v<T, string_t>) {
      numbers[row] = ranges.Of(View(*value));
    } else if constexpr (std::is_same_v<T, duckdb::hugeint_t>) {
      numbers[row] = ranges.Of(Bytes(*value));
    } else {
      numbers[row] = ranges.Of(Number(*value));
    }
  });
  if (!ordered) std::fill_n(numbers, count, 0U);
}

template <uint64_t (*kCurve)(const uint32_t*, size_t, int)>
void RunCurve(duckdb::DataChunk& arguments, duckdb::ExpressionState&, Vector& result) {
  const idx_t count = arguments.size();
  const size_t axes = arguments.ColumnCount();
  if (axes > kMaxCurveColumns) throw duckdb::InvalidInputException("a curve of more than 32 columns");
  const int bits = BitsPerAxis(axes);
  std::array<UnifiedVectorFormat, kMaxCurveColumns> formats;
  std::array<const uint32_t*, kMaxCurveColumns> values{};
  for (size_t axis = 0; axis < axes; ++axis) {
    arguments.data[axis].ToUnifiedFormat(count, formats[axis]);
    values[axis] = UnifiedVectorFormat::GetData<uint32_t>(formats[axis]);
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* numbers = FlatVector::GetData<uint64_t>(result);
  std::array<uint32_t, kMaxCurveColumns> cell{};
  for (idx_t row = 0; row < count; ++row) {
    for (size_t axis = 0; axis < axes; ++axis) {
      const uint32_t number = values[axis][formats[axis].sel->get_index(row)];
      cell[axis] = AxisCell(number, bits);
    }
    numbers[row] = kCurve(cell.data(), axes, bits);
  }
}

}  // namespace

void RegisterCurveFunctions(duckdb::DatabaseInstance& database) {
  duckdb::ScalarFunction key("deltic_order_key", {LogicalType::ANY}, LogicalType::BLOB, RunOrderKey);
  key.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  duckdb::ScalarFunction number("deltic_order_number", {LogicalType::ANY}, LogicalType::UBIGINT, RunOrderNumber);
  number.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  duckdb::ScalarFunction range("deltic_range_number", {LogicalType::ANY, LogicalType::VARCHAR}, LogicalType::UINTEGER,
                               RunRangeNumber, BindRanges);
  range.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  duckdb::ScalarFunction zorder("deltic_zorder", {LogicalType::UINTEGER}, LogicalType::UBIGINT, RunCurve<ZOrder>);
  zorder.varargs = LogicalType::UINTEGER;
  duckdb::ScalarFunction hilbert("deltic_hilbert", {LogicalType::UINTEGER}, LogicalType::UBIGINT, RunCurve<Hilbert>);
  hilbert.varargs = LogicalType::UINTEGER;
  duckdb::Connection connection(database);
  connection.BeginTransaction();
  for (auto* function : {&key, &number, &range, &zorder, &hilbert}) {
    duckdb::CreateScalarFunctionInfo info(*function);
    info.internal = true;
    duckdb::Catalog::GetSystemCatalog(*connection.context).CreateFunction(*connection.context, info);
  }
  connection.Commit();
}

}  // namespace deltic
