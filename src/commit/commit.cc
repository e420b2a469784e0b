// Placeholder of this folder's first file.
#include "commit/commit.h"
