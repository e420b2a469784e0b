// Owns the one thing that deltic changes in SQL text before DuckDB parses it. Parses no SQL.
#pragma once

#include <string>
#include <string_view>

namespace deltic {

// delta_scan('t', timestamp => '...'): TIMESTAMP is a keyword to DuckDB's grammar, which takes it as a parameter's name
// only in quotes. Outside strings, quoted names and comments, `timestamp =>` and `timestamp :=` become
// `"timestamp" =>`. Such a text could not be parsed before, so nothing else changes its meaning.
std::string QuoteTimestampParameter(std::string_view sql);

}  // namespace deltic
