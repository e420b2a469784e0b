// Owns the translation of deltic's types, literals and errors into DuckDB's and back. Reads nothing.
#pragma once

#include <duckdb.hpp>
#include <exception>

#include "deltic/result.h"
#include "expr/literal.h"
#include "schema/types.h"

namespace deltic {

duckdb::LogicalType ToDuckType(const DataType& type);
duckdb::Value ToDuckValue(const Literal& literal);
// A constant of a bound expression. nullopt for types that predicates cannot hold (nested, intervals, ...).
std::optional<Literal> FromDuckValue(const duckdb::Value& value);

// What DuckDB threw, or an error it returned, as one of our codes, with its own words.
Error FromDuckError(const duckdb::ErrorData& error);
Error FromException(const std::exception& exception);

// "name" with double quotes, doubled inside; 'text' with single quotes.
std::string QuoteName(const std::string& name);
std::string QuoteText(const std::string& text);

// Runs `body`, which answers a Result, and turns what it throws into an Error. Every entry of the engine goes through
// it.
template <class Body>
auto Guard(Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception& exception) {
    return FromException(exception);
  } catch (...) {
    return Error(Code::kInternal, "the engine threw something that is no exception");
  }
}

// Carries an Error of ours through DuckDB code as an exception, keeping its code (see FromException).
[[noreturn]] void ThrowError(const Error& error);
// The same as text, for places that DuckDB asks for an error's text.
std::string EncodeError(const Error& error);

}  // namespace deltic
