// Ends the program with a message where the processor lacks what it is compiled for (x86-64-v2, see
// cmake/CompilerOptions.cmake): otherwise it would die of an illegal instruction sooner or later.
// Runs before the initialisers of the program's globals, which have such instructions; so this file
// is compiled for any x86-64, and calls nothing but libc.

#if defined(__x86_64__)

#include <unistd.h>

#include <cstdio>

namespace {

/// The priorities below are the implementation's, those of globals come after all others.
constexpr int kBeforeGlobals = 101;
constexpr int kFailed = 1;

__attribute__((constructor(kBeforeGlobals))) void RefuseOldProcessors() {
  __builtin_cpu_init();
  const char* missing = nullptr;
  if (!__builtin_cpu_supports("ssse3")) missing = "SSSE3";
  if (!__builtin_cpu_supports("sse4.1")) missing = "SSE4.1";
  if (!__builtin_cpu_supports("sse4.2")) missing = "SSE4.2";
  if (!__builtin_cpu_supports("popcnt")) missing = "POPCNT";
  if (missing == nullptr) return;
  std::fprintf(stderr,
               "sextant: the processor lacks %s; needed is x86-64-v2 (SSSE3, SSE4.2, POPCNT)\n",
               missing);
  _exit(kFailed);
}

}  // namespace

#endif
