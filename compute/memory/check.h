#pragma once

/// Assertions about our own invariants, never about what a user sent (that is an absl::Status).
///
///   SEXTANT_CHECK(row < row_count);
///   SEXTANT_CHECK(row < row_count) << "row " << row << " of " << row_count;
///
/// A check that does not hold prints `file:line: check failed: condition text` to stderr and
/// aborts. SEXTANT_CHECK is always on. SEXTANT_DCHECK is on unless NDEBUG is defined; where it is
/// off, neither its condition nor its text is evaluated, but both are compiled.
/// Cost: one predicted branch. Thread-safe.

#include <cstdlib>
#include <iostream>
#include <sstream>

namespace sextant {

/// The message of a check that failed; its destructor, at the end of the statement, aborts.
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition) {
    text_ << file << ':' << line << ": check failed: " << condition;
  }
  CheckFailure(const CheckFailure&) = delete;
  CheckFailure& operator=(const CheckFailure&) = delete;
  [[noreturn]] ~CheckFailure() {
    text_ << '\n';
    std::cerr << text_.str() << std::flush;
    std::abort();
  }

  /// What the caller adds with `<<`.
  std::ostream& Details() { return text_ << ' '; }

 private:
  std::ostringstream text_;
};

/// Turns the stream expression of a check into void, so that both branches of `?:` agree.
/// `&` binds less tightly than `<<` and more tightly than `?:`.
struct CheckVoidify {
  void operator&(std::ostream&) const {}
};

}  // namespace sextant

#define SEXTANT_CHECK(condition)     \
  __builtin_expect(!!(condition), 1) \
      ? static_cast<void>(0)         \
      : ::sextant::CheckVoidify() &  \
            ::sextant::CheckFailure(__FILE__, __LINE__, #condition).Details()

#ifdef NDEBUG
#define SEXTANT_DCHECK(condition) SEXTANT_CHECK(true || (condition))
#else
#define SEXTANT_DCHECK(condition) SEXTANT_CHECK(condition)
#endif
