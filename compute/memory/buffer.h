#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "compute/memory/memory_budget.h"

namespace sextant {

/// A block of memory whose bytes are reserved from a budget while it lives: the only owner of
/// row-proportional storage. Aligned to 64 bytes; 64 bytes past the end may be read (never relied
/// upon), so that kernels need no tail load. Blocks of 2 MiB and more ask the kernel for huge pages
/// (measured: 100 ms fewer page faults per load of 200 MB). Move-only. Not thread-safe; any number
/// of threads may read.
class Buffer {
 public:
  Buffer() = default;
  ~Buffer() {
    if (data_ != nullptr) FreeBlock();
  }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_bytes_(std::exchange(other.size_bytes_, 0)),
        is_resting_(other.is_resting_),
        reservation_(std::move(other.reservation_)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    if (this == &other) return *this;
    if (data_ != nullptr) FreeBlock();
    data_ = std::exchange(other.data_, nullptr);
    size_bytes_ = std::exchange(other.size_bytes_, 0);
    is_resting_ = other.is_resting_;
    reservation_ = std::move(other.reservation_);
    return *this;
  }

  /// All bytes are zero. Errors: RESOURCE_EXHAUSTED from the budget, or when the system refuses.
  static absl::StatusOr<Buffer> Allocate(MemoryBudget& budget, size_t size_bytes);
  /// The same with bytes of any value, which may be another query's: for who writes each byte
  /// before anyone reads it. Where assertions are on, they are no zeros.
  static absl::StatusOr<Buffer> AllocateUninitialized(MemoryBudget& budget, size_t size_bytes);

  /// Charges the bytes to `budget` in place of the budget they are charged to. Errors:
  /// RESOURCE_EXHAUSTED; then nothing has changed.
  absl::Status ChargeTo(MemoryBudget& budget) { return reservation_.MoveTo(budget); }

  /// Moves the bytes among those of other blocks that stay, in huge pages (resting_blocks.h): for
  /// what is written and will be read for long. What was charged stays charged. Large blocks, and
  /// all where the system refuses, stay where they are.
  void Settle();

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  size_t size_bytes() const { return size_bytes_; }
  /// What the budget is charged: size rounded up to the alignment, plus the readable tail.
  size_t reserved_bytes() const { return reservation_.bytes(); }

  template <typename T>
  std::span<T> As() {
    return {reinterpret_cast<T*>(data_), size_bytes_ / sizeof(T)};
  }
  template <typename T>
  std::span<const T> As() const {
    return {reinterpret_cast<const T*>(data_), size_bytes_ / sizeof(T)};
  }

 private:
  /// Takes a block for `size_bytes` of any value. REQUIRES: this is a new one.
  absl::Status Take(MemoryBudget& budget, size_t size_bytes);
  void FreeBlock();

  std::byte* data_ = nullptr;
  size_t size_bytes_ = 0;
  bool is_resting_ = false;  // the block is from TakeRestingBlock
  MemoryReservation reservation_;
};

/// A growable array of trivially copyable values in a tracked Buffer: std::vector where rows are
/// counted. Growth doubles, reserves old and new together before it copies, and asks now and then
/// whether to go on (AskToGoOn). Errors of all that grows: RESOURCE_EXHAUSTED, those of AskToGoOn;
/// then size and values are as before. Not thread-safe; move-only.
template <typename T>
class TrackedVector {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit TrackedVector(MemoryBudget& budget) : budget_(&budget) {}

  /// Makes room for `capacity` values in all; size stays.
  absl::Status Reserve(size_t capacity);
  /// Makes the size `size`; new values are zero.
  absl::Status Resize(size_t size);
  /// Makes the size `size`; new values are of any value: each is written before it is read.
  absl::Status ResizeUninitialized(size_t size);
  absl::Status Append(T value);
  absl::Status AppendSpan(std::span<const T> values);
  /// REQUIRES: size() < capacity().
  void AppendUnchecked(T value) { buffer_.template As<T>()[size_++] = value; }
  void Clear() { size_ = 0; }

  /// As Buffer::ChargeTo; what is added later is charged there too.
  absl::Status ChargeTo(MemoryBudget& budget);

  /// Gives up the storage, shrunk to the size (one copy when more than an eighth is unused).
  absl::StatusOr<Buffer> Release();

  T* data() { return reinterpret_cast<T*>(buffer_.data()); }
  const T* data() const { return reinterpret_cast<const T*>(buffer_.data()); }
  size_t size() const { return size_; }
  size_t capacity() const { return buffer_.size_bytes() / sizeof(T); }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t index) { return data()[index]; }
  const T& operator[](size_t index) const { return data()[index]; }
  std::span<T> span() { return {data(), size_}; }
  std::span<const T> span() const { return {data(), size_}; }
  T& back() { return data()[size_ - 1]; }
  size_t reserved_bytes() const { return buffer_.reserved_bytes(); }

 private:
  MemoryBudget* budget_;
  Buffer buffer_;
  size_t size_ = 0;
};

}  // namespace sextant

#include "compute/memory/tracked_vector.inc.h"
