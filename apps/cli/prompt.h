// Owns the interactive SQL prompt: line editing, history, completion of words, statements that end with a semicolon.
// Does not run SQL.
#pragma once

#include <functional>
#include <string>

#include "deltic/result.h"

namespace deltic::cli {

// Reads statements until the end of input, .quit or .exit, and hands each to `run`. An error of a statement is printed
// and the prompt goes on. History is kept in ~/.deltic_history (readable by the user alone).
Status Prompt(const std::function<Status(const std::string& sql)>& run);

// Whether a text is a whole statement: it ends with a semicolon that is in no string, quoted name or comment.
bool IsComplete(const std::string& sql);

}  // namespace deltic::cli
