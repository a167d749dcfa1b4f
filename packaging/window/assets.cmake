# The files that a browser is given, as a table in the program: those of bastion/window/assets, and what
# packaging/window/fetch takes from npm. Makes ${PROJECT_BINARY_DIR}/window/assets.cpp, which bastion_window compiles.
set(window_data ${PROJECT_BINARY_DIR}/window)
set(window_assets ${PROJECT_SOURCE_DIR}/bastion/window/assets)

execute_process(
  COMMAND ${PROJECT_SOURCE_DIR}/packaging/window/fetch ${window_data}/bundled
  RESULT_VARIABLE window_fetch_failed)
if(window_fetch_failed)
  message(FATAL_ERROR "What the window bundles could not be found; the lines above say what to do.")
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/packaging/window/fetch)

file(GLOB window_own CONFIGURE_DEPENDS LIST_DIRECTORIES false ${window_assets}/*)
file(GLOB window_bundled LIST_DIRECTORIES false ${window_data}/bundled/*)
set(window_blocks "")
set(window_rows "")
set(window_number 0)
foreach(file IN LISTS window_own window_bundled)
  get_filename_component(name ${file} NAME)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(begin bastion_window_asset_${window_number})
  # Assembly, so that no compiler has to read every byte of it as a number.
  string(APPEND window_blocks
    "asm(\".section .rodata\\n${begin}:\\n.incbin \\\"${file}\\\"\\n${begin}_end:\\n.byte 0\\n.previous\\n\");\n"
    "extern \"C\" __attribute__((visibility(\"hidden\"))) const char ${begin}[];\n"
    "extern \"C\" __attribute__((visibility(\"hidden\"))) const char ${begin}_end[];\n")
  string(APPEND window_rows
    "      {\"${name}\", {${begin}, static_cast<std::size_t>(${begin}_end - ${begin})}},\n")
  math(EXPR window_number "${window_number} + 1")
endforeach()

file(CONFIGURE OUTPUT ${window_data}/assets.cpp @ONLY CONTENT [[
// Made by packaging/window/assets.cmake.
#include <array>
#include <cstddef>

#include "bastion/window/asset.h"

@window_blocks@
namespace bastion::window {

std::span<const Asset> assets() {
  static const std::array<Asset, @window_number@> all{{
@window_rows@  }};
  return all;
}

}  // namespace bastion::window
]])
set_source_files_properties(${window_data}/assets.cpp PROPERTIES
  OBJECT_DEPENDS "${window_own};${window_bundled}" SKIP_UNITY_BUILD_INCLUSION ON)
