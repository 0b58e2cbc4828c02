#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"

namespace sextant {

/// While it lives, what is compiled on this thread asks `check` now and then whether the query is
/// still wanted: a pattern is tested against a dictionary that may have a million entries. Without
/// one nobody asks. Of two the inner one counts. Thread-safety: of its own thread.
class CompileWatch {
 public:
  using CheckFunction = std::function<absl::Status()>;

  /// Entries of a dictionary between two looks: some tens of microseconds.
  static constexpr uint32_t kEntriesPerLook = 1024;

  /// REQUIRES: `check` outlives it.
  explicit CompileWatch(const CheckFunction& check) : outer_(current_) { current_ = &check; }
  ~CompileWatch() { current_ = outer_; }
  CompileWatch(const CompileWatch&) = delete;
  CompileWatch& operator=(const CompileWatch&) = delete;

  static absl::Status Look() { return current_ == nullptr ? absl::OkStatus() : (*current_)(); }

 private:
  inline static thread_local const CheckFunction* current_ = nullptr;

  const CheckFunction* const outer_;
};

}  // namespace sextant
