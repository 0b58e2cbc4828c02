# One interface target carries the warnings and the floating-point contract of every target.
# -ffp-contract=off: sums must be the same bits on every machine (design rule 4).
add_library(sextant_options INTERFACE)
target_compile_options(sextant_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror
  -ffp-contract=off -fno-omit-frame-pointer)
target_include_directories(sextant_options INTERFACE ${PROJECT_SOURCE_DIR})
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 at -O3 sees overlapping copies inside std::string's operator+, which are none (GCC bug 105651).
  # At -O3 it also takes the storage of an empty std::optional for a value that is read (GCC bug 80635).
  target_compile_options(sextant_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()

# The least processor of x86-64: level v2 (2009), for its popcnt above all. What profits from v3 and v4 has versions that
# are chosen when it runs. A processor without v2 is told so at the start (service/build_info/required_processor.cc).
# For every target, or inline functions would be of two levels. The distribution's libraries are of level v1: of Abseil's
# headers only the bodies of some inline functions look at the level (Group of raw_hash_set.h, FastHexToBufferZeroPad16 of
# numbers.h), no layout, width or result does; AES, by which Abseil's random numbers differ, is not in v2.
set(SEXTANT_X86_64_LEVEL "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$" AND NOT CMAKE_CXX_FLAGS MATCHES "-march=")
  set(SEXTANT_X86_64_LEVEL "x86-64-v2")
  add_compile_options(-march=${SEXTANT_X86_64_LEVEL})
endif()

# A faster linker where there is one. Not mold: that of Debian 12 (1.10) loops without end on some of our binaries and
# lays out others so that the loader refuses them.
find_program(SEXTANT_LLD ld.lld)
if(SEXTANT_LLD)
  add_link_options(-fuse-ld=lld)
endif()
find_program(SEXTANT_CCACHE ccache)
if(SEXTANT_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SEXTANT_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${SEXTANT_CCACHE})
endif()

set(SEXTANT_SANITIZER "" CACHE STRING "empty, address (with undefined), thread or fuzzer (clang, with both)")
if(SEXTANT_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
elseif(SEXTANT_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(SEXTANT_SANITIZER STREQUAL "fuzzer")
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=fuzzer-no-link,address,undefined)
elseif(NOT SEXTANT_SANITIZER STREQUAL "")
  message(FATAL_ERROR "SEXTANT_SANITIZER: found '${SEXTANT_SANITIZER}', allowed: '', address, thread, fuzzer")
endif()
