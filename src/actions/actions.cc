// Owns the parts of action values that are more than fields.
#include "actions/actions.h"

namespace deltic {

std::string DeletionVectorDescriptor::UniqueId() const {
  std::string id = storage_type + path_or_inline_dv;
  if (offset) id += "@" + std::to_string(*offset);
  return id;
}

}  // namespace deltic
