# Owns what `cmake --install` leaves under the prefix: headers, libdeltic, the engine with DuckDB, the CMake package, the
# pkg-config file, the program, licences. tests/install proves that consumers can build and run with it.
#
#   bin/deltic                          the program
#   include/deltic/*.h                  the public headers
#   lib/libdeltic.so{,.0,.0.1.0}        the library
#   lib/deltic/libdeltic_engine.so      the engine, loaded on the first read of data (src/engine/loader.cc looks here)
#   lib/deltic/libduckdb.so             the one DuckDB it was built against, private to deltic
#   lib/cmake/deltic/                   find_package(deltic) -> deltic::deltic
#   lib/pkgconfig/deltic.pc
#   share/doc/deltic/                   licences
#
# The libraries go to lib/, not to a folder per architecture: program, library and engine find each other by relative
# path, so a prefix can be moved or packed as a whole.
include(CMakePackageConfigHelpers)
set(deltic_package_dir lib/cmake/deltic)

target_include_directories(deltic INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
target_compile_features(deltic INTERFACE cxx_std_20)
set_target_properties(deltic PROPERTIES EXPORT_NAME deltic)

# What libdeltic is linked with is its own affair: a consumer needs none of it to compile or to link. Written by hand,
# because install(EXPORT) would make every consumer find simdjson, fmt and the rest first.
set_target_properties(deltic deltic_cli PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
set_target_properties(deltic_engine_plugin PROPERTIES INSTALL_RPATH "$ORIGIN")

install(TARGETS deltic_cli RUNTIME DESTINATION bin)
install(TARGETS deltic LIBRARY DESTINATION lib)
install(TARGETS deltic_engine_plugin LIBRARY DESTINATION lib/deltic)
install(FILES ${DUCKDB_DIR}/lib/libduckdb.so DESTINATION lib/deltic
        PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
install(DIRECTORY include/deltic DESTINATION include FILES_MATCHING PATTERN "*.h")
install(FILES LICENSE DESTINATION share/doc/deltic)
install(FILES ${DUCKDB_DIR}/LICENSE DESTINATION share/doc/deltic RENAME LICENSE.duckdb)

get_target_property(DELTIC_SOVERSION deltic SOVERSION)
configure_package_config_file(cmake/delticConfig.cmake.in ${CMAKE_BINARY_DIR}/package/delticConfig.cmake
                              INSTALL_DESTINATION ${deltic_package_dir} NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# 0.x releases may change the interface: find_package(deltic 0.1) takes 0.1.* only.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/delticConfigVersion.cmake COMPATIBILITY SameMinorVersion)
configure_file(cmake/deltic.pc.in ${CMAKE_BINARY_DIR}/package/deltic.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/package/delticConfig.cmake ${CMAKE_BINARY_DIR}/package/delticConfigVersion.cmake
        DESTINATION ${deltic_package_dir})
install(FILES ${CMAKE_BINARY_DIR}/package/deltic.pc DESTINATION lib/pkgconfig)
