// Placeholder of this folder's first file.
#include "upkeep/upkeep.h"
