// Owns the creation of a table with its first files, for the facade. Not part of the public interface.
#pragma once

#include <string>
#include <vector>

#include "actions/actions.h"
#include "deltic/write.h"

namespace deltic {

// As Create, with files in the same commit.
Result<Table> CreateTable(const std::string& location, const CreateRequest& request, std::vector<AddFile> files);

}  // namespace deltic
