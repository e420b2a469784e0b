# Owns what `cmake --install` leaves: headers, libraries, the CMake package, the pkg-config file and the program.
