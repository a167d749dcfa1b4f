# libssh 0.12.2, pinned, unmodified and static: the target `libssh`.
#
# The tarball is found by packaging/libssh/fetch (see there for where it looks) and its SHA-256 is checked
# whichever way it came. -DBASTION_LIBSSH_TARBALL=FILE names one that is already on this machine.
include(ExternalProject)

set(BASTION_LIBSSH_TARBALL "" CACHE FILEPATH "libssh-0.12.2.tar.xz, when it shall not be looked for elsewhere")
set(libssh_prefix ${PROJECT_BINARY_DIR}/libssh)
set(libssh_source ${libssh_prefix}/src/libssh)
set(libssh_build ${libssh_prefix}/src/libssh-build)
set(libssh_archive ${libssh_build}/src/libssh.a)

execute_process(
  COMMAND ${PROJECT_SOURCE_DIR}/packaging/libssh/fetch ${BASTION_LIBSSH_TARBALL}
  OUTPUT_VARIABLE libssh_tarball OUTPUT_STRIP_TRAILING_WHITESPACE
  RESULT_VARIABLE libssh_fetch_failed)
if(libssh_fetch_failed)
  message(FATAL_ERROR "The libssh tarball could not be found; the lines above say what to do.")
endif()

list(JOIN bastion_hardening_flags " " libssh_c_flags)
string(APPEND libssh_c_flags " -w -DMAX_BUF_SIZE=65536")
if(BASTION_SANITIZE)
  string(REPLACE "undefined" "" libssh_sanitize "${BASTION_SANITIZE}")
  string(REGEX REPLACE "^,|,$" "" libssh_sanitize "${libssh_sanitize}")
  string(APPEND libssh_c_flags " -fsanitize=${libssh_sanitize} -fno-omit-frame-pointer")
endif()

ExternalProject_Add(libssh_external
  PREFIX ${libssh_prefix}
  SOURCE_DIR ${libssh_source}
  BINARY_DIR ${libssh_build}
  URL ${libssh_tarball}
  DOWNLOAD_EXTRACT_TIMESTAMP OFF
  CMAKE_ARGS
    -DCMAKE_BUILD_TYPE=RelWithDebInfo
    -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}
    -DCMAKE_C_FLAGS=${libssh_c_flags}
    -DBUILD_SHARED_LIBS=OFF -DWITH_SYMBOL_VERSIONING=OFF
    -DWITH_GSSAPI=OFF -DWITH_SFTP=OFF -DWITH_EXEC=OFF -DWITH_PCAP=OFF -DWITH_FIDO2=OFF -DWITH_ZLIB=OFF -DWITH_NACL=OFF
    -DWITH_EXAMPLES=OFF -DUNIT_TESTING=OFF
  BUILD_BYPRODUCTS ${libssh_archive}
  INSTALL_COMMAND ""
  LOG_CONFIGURE ON LOG_BUILD ON LOG_OUTPUT_ON_FAILURE ON)

# The directories exist only once the external project ran; CMake wants them at configure time.
file(MAKE_DIRECTORY ${libssh_source}/include ${libssh_build}/include)

# The build directory is on the path for config.h, which the private headers include.
add_library(libssh STATIC IMPORTED GLOBAL)
set_target_properties(libssh PROPERTIES IMPORTED_LOCATION ${libssh_archive})
target_include_directories(libssh SYSTEM INTERFACE ${libssh_source}/include ${libssh_build}/include ${libssh_build})
target_compile_definitions(libssh INTERFACE LIBSSH_STATIC)
target_link_libraries(libssh INTERFACE OpenSSL::Crypto Threads::Threads)
add_dependencies(libssh libssh_external)
