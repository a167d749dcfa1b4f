# What makes an error in memory hard to use, for everything that is built: our sources, libssh and the link.
# tests/checks/hardened.py reads off a program that it is there.
#
#   bastion_hardening_flags     for every compiler call, C and C++
#   bastion_harden(TARGET)      the same, and what the linker is told, for whoever uses the interface library TARGET
#   bastion_split_debug(TARGET) leaves a stripped program, and its debug information in PROGRAM.debug beside it
include(CheckPIESupported)
check_pie_supported()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

set(bastion_hardening_flags -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|i.86")
  list(APPEND bastion_hardening_flags -fcf-protection=full)
endif()
# glibc's checked calls want an optimized build, and are in the way of what a sanitizer intercepts.
if(CMAKE_BUILD_TYPE MATCHES "^Rel" AND NOT BASTION_SANITIZE)
  list(APPEND bastion_hardening_flags -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()

function(bastion_harden target)
  target_compile_options(${target} INTERFACE ${bastion_hardening_flags})
  target_link_options(${target} INTERFACE LINKER:-z,relro,-z,now,-z,noexecstack)
endfunction()

function(bastion_split_debug target)
  set(program $<TARGET_FILE:${target}>)
  add_custom_command(TARGET ${target} POST_BUILD VERBATIM
    COMMAND ${CMAKE_OBJCOPY} --only-keep-debug ${program} ${program}.debug
    COMMAND ${CMAKE_OBJCOPY} --strip-unneeded --add-gnu-debuglink=${program}.debug ${program})
endfunction()
