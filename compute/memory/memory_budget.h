#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"

namespace sextant {

/// A limit on bytes that loads and queries reserve from before they allocate. Budgets form a tree:
/// a reservation counts against this budget and every ancestor, or against none of them. With
/// `step_bytes` a budget holds its parent's bytes in advance, in such steps, while it lives, so
/// that many small reservations ask the parent once; near the parent's limit it asks for just what
/// is missing. What the parent counts is then what its child holds.
///
/// Errors: RESOURCE_EXHAUSTED that names the budget that refused, its limit, what is in use and
/// what was asked. Thread-safety: all methods may be called from any thread. A parent must outlive
/// its children, a budget its reservations; the destructor checks that nothing is left reserved.
class MemoryBudget {
 public:
  static constexpr size_t kUnlimitedBytes = ~size_t{0};

  /// `name` appears in errors and metrics ("cache", "queries"): never a tenant's value.
  explicit MemoryBudget(std::string name, size_t limit_bytes = kUnlimitedBytes,
                        MemoryBudget* parent = nullptr, size_t step_bytes = 0);
  ~MemoryBudget();
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  absl::Status Reserve(size_t bytes);
  void Release(size_t bytes);

  const std::string& name() const { return name_; }
  size_t limit_bytes() const { return limit_bytes_; }
  size_t reserved_bytes() const { return reserved_bytes_.load(std::memory_order_relaxed); }
  size_t peak_bytes() const {
    return std::max(peak_bytes_.load(std::memory_order_relaxed), reserved_bytes());
  }

 private:
  absl::Status Refusal(size_t bytes) const;
  /// Reserves here, and of the parent where this does not hold enough.
  absl::Status ReserveHeld(size_t bytes);
  bool TryReserveHere(size_t bytes);
  /// What was reserved before some of it is given back.
  void NotePeak(size_t reserved_bytes);
  /// Makes `held_bytes_` at least what is reserved.
  absl::Status HoldMore();
  /// Gives what is not needed back to the parent, but for a step.
  void HoldLess();

  const std::string name_;
  const size_t limit_bytes_;
  MemoryBudget* const parent_;
  const size_t step_bytes_;  // 0: nothing is held in advance
  std::atomic<size_t> reserved_bytes_{0};
  std::atomic<size_t> peak_bytes_{0};  // before what was given back until now
  std::mutex holding_;                 // of who changes held_bytes_
  std::atomic<size_t> held_bytes_{0};  // of the parent
};

/// Bytes held of a budget until destruction. Move-only. Not thread-safe.
class MemoryReservation {
 public:
  MemoryReservation() = default;
  explicit MemoryReservation(MemoryBudget& budget) : budget_(&budget) {}
  ~MemoryReservation() {
    if (bytes_ > 0) budget_->Release(bytes_);
  }
  MemoryReservation(MemoryReservation&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryReservation& operator=(MemoryReservation&& other) noexcept {
    if (this == &other) return *this;
    if (bytes_ > 0) budget_->Release(bytes_);
    budget_ = std::exchange(other.budget_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
  }

  /// Makes this reservation exactly `bytes`. Shrinking never fails.
  /// REQUIRES: constructed with a budget, unless `bytes` is 0.
  absl::Status Resize(size_t bytes);

  /// Reserves the bytes from `budget` and gives back those of the budget before. Errors:
  /// RESOURCE_EXHAUSTED; then nothing has changed.
  absl::Status MoveTo(MemoryBudget& budget);

  size_t bytes() const { return bytes_; }
  MemoryBudget* budget() const { return budget_; }

 private:
  MemoryBudget* budget_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace sextant
