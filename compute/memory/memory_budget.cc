#include "compute/memory/memory_budget.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/memory_refusal.h"

namespace sextant {

MemoryBudget::MemoryBudget(std::string name, size_t limit_bytes, MemoryBudget* parent)
    : name_(std::move(name)), limit_bytes_(limit_bytes), parent_(parent) {}

MemoryBudget::~MemoryBudget() { SEXTANT_CHECK(reserved_bytes() == 0); }

bool MemoryBudget::TryReserveHere(size_t bytes) {
  size_t reserved = reserved_bytes_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_bytes_ || reserved > limit_bytes_ - bytes) return false;
  } while (!reserved_bytes_.compare_exchange_weak(reserved, reserved + bytes,
                                                  std::memory_order_relaxed));
  size_t peak = peak_bytes_.load(std::memory_order_relaxed);
  while (peak < reserved + bytes &&
         !peak_bytes_.compare_exchange_weak(peak, reserved + bytes, std::memory_order_relaxed)) {
  }
  return true;
}

absl::Status MemoryBudget::Reserve(size_t bytes) {
  for (MemoryBudget* budget = this; budget != nullptr; budget = budget->parent_) {
    if (budget->TryReserveHere(bytes)) continue;
    const size_t in_use = budget->reserved_bytes();
    for (MemoryBudget* undo = this; undo != budget; undo = undo->parent_) {
      undo->reserved_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    }
    return WithRefusal(
        absl::ResourceExhaustedError(absl::StrCat("memory budget '", budget->name_, "': asked ",
                                                  bytes, " bytes, in use ", in_use, ", limit ",
                                                  budget->limit_bytes_)),
        {.budget = budget->name_, .asked_bytes = bytes, .limit_bytes = budget->limit_bytes_});
  }
  return absl::OkStatus();
}

void MemoryBudget::Release(size_t bytes) {
  for (MemoryBudget* budget = this; budget != nullptr; budget = budget->parent_) {
    const size_t before = budget->reserved_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    SEXTANT_CHECK(before >= bytes);
  }
}

MemoryReservation::MemoryReservation(MemoryReservation&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

MemoryReservation& MemoryReservation::operator=(MemoryReservation&& other) noexcept {
  if (this == &other) return *this;
  Resize(0).IgnoreError();
  budget_ = std::exchange(other.budget_, nullptr);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
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
