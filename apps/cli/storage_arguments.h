// Owns --storage-option: how tables and files in object stores are opened, the same for every location of a command.
// Secrets need not stand on the command line, where every user of the machine can read them: environment variables and
// files give them as well. What the names mean is docs/tasks/object_stores.md's.
#pragma once

#include <CLI/App.hpp>
#include <map>
#include <string>
#include <string_view>

#include "deltic/result.h"
#include "deltic/table.h"

namespace deltic::cli {

// Adds the option to a command; given before and after the command's name it is one list.
void AddStorageOption(CLI::App* command);
// Reads what was given: KEY=VALUE, or @FILE with one KEY=VALUE a line (empty lines and those that begin with # do not
// count). InvalidArgument, without repeating values. Once, after parsing.
Status ReadStorageOptions();
// What was read. The command line is the process's, and so is this.
const std::map<std::string, std::string>& GivenStorageOptions();

Result<Table> OpenTable(const std::string& location, OpenOptions options = {});

// An error text of the command line's parser, which repeats words: without the values of words that look like secrets.
std::string WithoutSecrets(std::string_view text);

}  // namespace deltic::cli
