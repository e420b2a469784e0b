// Placeholder of this folder's first file.
#include "alter/definition.h"
