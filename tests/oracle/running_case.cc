#include "tests/oracle/running_case.h"

#include <unistd.h>

#include <atomic>
#include <string_view>

#include "absl/debugging/failure_signal_handler.h"
#include "absl/debugging/symbolize.h"

namespace sextant::oracle {
namespace {

std::atomic<uint64_t> running_table_seed = 0;
std::atomic<uint64_t> running_request_seed = 0;

void Write(std::string_view text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

/// Nothing that allocates is allowed in a signal handler.
void WriteNumber(uint64_t number) {
  char digits[20];
  char* first = digits + sizeof(digits);
  do {
    *--first = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  Write({first, static_cast<size_t>(digits + sizeof(digits) - first)});
}

/// Is given the stack line by line, and nullptr after the last. Sanitizers tell of crashes
/// themselves.
[[maybe_unused]] void WriteLine(const char* line) {
  if (line != nullptr) return Write(line);
  Write("  SEXTANT_ORACLE_REPLAY=");
  WriteNumber(running_table_seed.load());
  Write(":");
  WriteNumber(running_request_seed.load());
  Write("\n");
}

}  // namespace

void TellRunningCaseOnCrash() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  absl::InitializeSymbolizer(nullptr);
  absl::FailureSignalHandlerOptions options;
  options.writerfn = WriteLine;
  absl::InstallFailureSignalHandler(options);
#endif
}

void SetRunningCase(uint64_t table_seed, uint64_t request_seed) {
  running_table_seed.store(table_seed);
  running_request_seed.store(request_seed);
}

}  // namespace sextant::oracle
