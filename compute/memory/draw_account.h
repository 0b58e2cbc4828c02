#pragma once

#include <atomic>
#include <cstdint>

namespace sextant {

/// How many random draws a query has made, of those that it may make. Thread-safe.
class DrawAccount {
 public:
  /// Counts them before they are made; false when with them there are more than `limit`.
  bool Spend(uint64_t draws, uint64_t limit) {
    return spent_.fetch_add(draws, std::memory_order_relaxed) + draws <= limit;
  }
  uint64_t spent() const { return spent_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> spent_{0};
};

/// While it lives, SpendDraws of this thread counts in `account`, which must outlive it. Of two the
/// inner one counts. Thread-safety: of its own thread.
class DrawScope {
 public:
  explicit DrawScope(DrawAccount& account) : outer_(current_) { current_ = &account; }
  ~DrawScope() { current_ = outer_; }
  DrawScope(const DrawScope&) = delete;
  DrawScope& operator=(const DrawScope&) = delete;

  static DrawAccount* current() { return current_; }

 private:
  inline static thread_local DrawAccount* current_ = nullptr;

  DrawAccount* const outer_;
};

/// Counts draws of the query of this thread, where there is one; false when they are too many.
inline bool SpendDraws(uint64_t draws, uint64_t limit) {
  DrawAccount* const account = DrawScope::current();
  return account == nullptr ? draws <= limit : account->Spend(draws, limit);
}

}  // namespace sextant
