#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace sextant {

/// Asked every few milliseconds of work whether to go on; its error (CANCELLED, DEADLINE_EXCEEDED)
/// ends the work, and once there is one there always is. Cheap, so that asking more often does no
/// harm.
using KeepGoing = absl::FunctionRef<absl::Status()>;

/// Of work that nobody calls off.
inline absl::Status AlwaysGoOn() { return absl::OkStatus(); }

/// Calls body(begin, end) for the blocks of what is numbered from 0 to `size`, 32 Ki at a time, and
/// asks before each. Returns what was asked.
template <typename Body>
absl::Status ForBlocks(size_t size, KeepGoing keep_going, Body body) {
  constexpr size_t kBlock = size_t{1} << 15;
  for (size_t begin = 0; begin < size; begin += kBlock) {
    if (absl::Status status = keep_going(); !status.ok()) return status;
    body(begin, std::min(begin + kBlock, size));
  }
  return absl::OkStatus();
}

/// Makes each of `values` be `value`, or copies `from` to `to`, in such blocks.
template <typename T>
absl::Status FillInBlocks(std::span<T> values, T value, KeepGoing keep_going) {
  return ForBlocks(values.size(), keep_going, [&](size_t begin, size_t end) {
    std::fill(values.data() + begin, values.data() + end, value);
  });
}
template <typename T>
absl::Status CopyInBlocks(std::span<const T> from, T* to, KeepGoing keep_going) {
  return ForBlocks(from.size(), keep_going, [&](size_t begin, size_t end) {
    std::copy(from.data() + begin, from.data() + end, to + begin);
  });
}

/// As ForBlocks, where items cost more or less: asks whenever `work_per_question` was spent.
class Pace {
 public:
  Pace(KeepGoing keep_going, size_t work_per_question)
      : keep_going_(keep_going), work_per_question_(work_per_question) {}

  absl::Status Spend(size_t work) {
    spent_ += work;
    if (spent_ < work_per_question_) return absl::OkStatus();
    spent_ = 0;
    return keep_going_();
  }

 private:
  const KeepGoing keep_going_;
  const size_t work_per_question_;
  size_t spent_ = 0;
};

/// While it lives, AskToGoOn asks `ask` on this thread: so that what lies deep asks too (tables
/// that grow, patterns over dictionaries, large blocks) without being handed a KeepGoing. Of two
/// the inner one counts. Thread-safety: of its own thread.
class KeepGoingScope {
 public:
  /// REQUIRES: `ask` outlives it.
  template <typename Ask>
  explicit KeepGoingScope(Ask& ask) : own_(ask), outer_(current_) {
    current_ = &own_;
  }
  ~KeepGoingScope() { current_ = outer_; }
  KeepGoingScope(const KeepGoingScope&) = delete;
  KeepGoingScope& operator=(const KeepGoingScope&) = delete;

  static absl::Status Ask() { return current_ == nullptr ? absl::OkStatus() : (*current_)(); }

 private:
  inline static thread_local const KeepGoing* current_ = nullptr;

  const KeepGoing own_;
  const KeepGoing* const outer_;
};

/// Whether the work of this thread goes on: what its KeepGoingScope says, OK without one.
inline absl::Status AskToGoOn() { return KeepGoingScope::Ask(); }

}  // namespace sextant
