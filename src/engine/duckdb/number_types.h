// Owns the choice of a C++ type for the numbers that DuckDB's vectors hold. Knows nothing of what is done with them.
#pragma once

#include <cstdint>
#include <duckdb.hpp>
#include <type_traits>

namespace deltic {

// Calls `visit` with a number's type, wrapped in std::type_identity; false for what is no number. A boolean is a byte.
template <class Visit>
bool WithNumberType(duckdb::PhysicalType type, const Visit& visit) {
  using duckdb::PhysicalType;
  switch (type) {
    case PhysicalType::INT8:
      visit(std::type_identity<int8_t>());
      return true;
    case PhysicalType::INT16:
      visit(std::type_identity<int16_t>());
      return true;
    case PhysicalType::INT32:
      visit(std::type_identity<int32_t>());
      return true;
    case PhysicalType::INT64:
      visit(std::type_identity<int64_t>());
      return true;
    case PhysicalType::BOOL:
    case PhysicalType::UINT8:
      visit(std::type_identity<uint8_t>());
      return true;
    case PhysicalType::UINT16:
      visit(std::type_identity<uint16_t>());
      return true;
    case PhysicalType::UINT32:
      visit(std::type_identity<uint32_t>());
      return true;
    case PhysicalType::UINT64:
      visit(std::type_identity<uint64_t>());
      return true;
    case PhysicalType::FLOAT:
      visit(std::type_identity<float>());
      return true;
    case PhysicalType::DOUBLE:
      visit(std::type_identity<double>());
      return true;
    case PhysicalType::INT128:
      visit(std::type_identity<duckdb::hugeint_t>());
      return true;
    default:
      return false;
  }
}

}  // namespace deltic
