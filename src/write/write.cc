// Placeholder of this folder's first file.
#include "write/write.h"
