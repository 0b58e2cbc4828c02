#include "compute/memory/memory_budget.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/memory_refusal.h"

namespace sextant {
namespace {

/// Steps beyond what is reserved that stay held: growing and shrinking do not ask the parent.
constexpr size_t kStepsHeld = 4;

}  // namespace

MemoryBudget::MemoryBudget(std::string name, size_t limit_bytes, MemoryBudget* parent,
                           size_t step_bytes)
    : name_(std::move(name)),
      limit_bytes_(limit_bytes),
      parent_(parent),
      step_bytes_(parent == nullptr ? 0 : step_bytes) {}

MemoryBudget::~MemoryBudget() {
  SEXTANT_CHECK(reserved_bytes() == 0);
  if (held_bytes_ > 0) parent_->Release(held_bytes_);
}

bool MemoryBudget::TryReserveHere(size_t bytes) {
  size_t reserved = reserved_bytes_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_bytes_ || reserved > limit_bytes_ - bytes) return false;
  } while (!reserved_bytes_.compare_exchange_weak(reserved, reserved + bytes));
  return true;
}

void MemoryBudget::NotePeak(size_t reserved_bytes) {
  size_t peak = peak_bytes_.load(std::memory_order_relaxed);
  while (peak < reserved_bytes &&
         !peak_bytes_.compare_exchange_weak(peak, reserved_bytes, std::memory_order_relaxed)) {
  }
}

absl::Status MemoryBudget::Refusal(size_t bytes) const {
  return WithRefusal(absl::ResourceExhaustedError(absl::StrCat(
                         "memory budget '", name_, "': asked ", bytes, " bytes, in use ",
                         reserved_bytes(), ", limit ", limit_bytes_)),
                     {.budget = name_, .asked_bytes = bytes, .limit_bytes = limit_bytes_});
}

absl::Status MemoryBudget::Reserve(size_t bytes) {
  if (step_bytes_ > 0) return ReserveHeld(bytes);
  if (!TryReserveHere(bytes)) return Refusal(bytes);
  if (parent_ == nullptr) return absl::OkStatus();
  absl::Status status = parent_->Reserve(bytes);
  if (!status.ok()) reserved_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  return status;
}

void MemoryBudget::Release(size_t bytes) {
  const size_t before = reserved_bytes_.fetch_sub(bytes);
  SEXTANT_CHECK(before >= bytes);
  NotePeak(before);
  if (step_bytes_ == 0) {
    if (parent_ != nullptr) parent_->Release(bytes);
  } else if (held_bytes_.load(std::memory_order_relaxed) >
             before - bytes + kStepsHeld * step_bytes_) {
    HoldLess();
  }
}

// Who reserves adds to reserved_bytes_ and then looks at held_bytes_; who gives back lowers
// held_bytes_ and then looks at reserved_bytes_. Both in one order of all threads: so one of the
// two sees the other, and what is reserved is held.

absl::Status MemoryBudget::ReserveHeld(size_t bytes) {
  if (!TryReserveHere(bytes)) return Refusal(bytes);
  if (reserved_bytes_.load() <= held_bytes_.load()) return absl::OkStatus();
  absl::Status status = HoldMore();
  if (!status.ok()) reserved_bytes_.fetch_sub(bytes);
  return status;
}

absl::Status MemoryBudget::HoldMore() {
  const std::lock_guard lock(holding_);
  const size_t held = held_bytes_.load();
  const size_t reserved = reserved_bytes_.load();
  if (reserved <= held) return absl::OkStatus();
  const size_t missing = reserved - held;
  const size_t steps = (missing + step_bytes_ - 1) / step_bytes_ * step_bytes_;
  size_t added = steps;
  absl::Status status = parent_->Reserve(added);
  if (!status.ok()) {
    added = missing;
    status = parent_->Reserve(added);
  }
  if (status.ok()) held_bytes_.store(held + added);
  return status;
}

void MemoryBudget::HoldLess() {
  const std::lock_guard lock(holding_);
  const size_t held = held_bytes_.load();
  const size_t wanted = reserved_bytes_.load() + step_bytes_;
  if (held <= wanted) return;
  held_bytes_.store(wanted);
  // What was reserved meanwhile stays held.
  const size_t needed = std::min(std::max(wanted, reserved_bytes_.load()), held);
  held_bytes_.store(needed);
  parent_->Release(held - needed);
}

absl::Status MemoryReservation::MoveTo(MemoryBudget& budget) {
  if (bytes_ == 0 || budget_ == &budget) return absl::OkStatus();
  MemoryReservation moved(budget);
  absl::Status status = moved.Resize(bytes_);
  if (status.ok()) *this = std::move(moved);
  return status;
}

absl::Status MemoryReservation::Resize(size_t bytes) {
  if (bytes == bytes_) return absl::OkStatus();
  SEXTANT_CHECK(budget_ != nullptr);
  if (bytes > bytes_) {
    absl::Status status = budget_->Reserve(bytes - bytes_);
    if (!status.ok()) return status;
  } else {
    budget_->Release(bytes_ - bytes);
  }
  bytes_ = bytes;
  return absl::OkStatus();
}

}  // namespace sextant
