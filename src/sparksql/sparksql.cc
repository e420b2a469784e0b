// Placeholder of this folder's first file.
#include "sparksql/translate.h"
