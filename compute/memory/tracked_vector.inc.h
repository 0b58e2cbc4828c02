#pragma once
// Definitions of TrackedVector; included by buffer.h only.

#include <algorithm>
#include <cstring>
#include <utility>

namespace sextant {

namespace buffer_internal {

/// Copies and clears of blocks that are large, 2 MiB at a time with AskToGoOn in between. Errors:
/// what it says; then only a part is written.
absl::Status CopyLarge(std::byte* to, const std::byte* from, size_t size_bytes);
absl::Status ClearLarge(std::byte* bytes, size_t size_bytes);

/// More than this comes between no two questions.
inline constexpr size_t kBytesPerQuestion = size_t{2} << 20;

inline absl::Status Copy(std::byte* to, const std::byte* from, size_t size_bytes) {
  if (size_bytes > kBytesPerQuestion) return CopyLarge(to, from, size_bytes);
  if (size_bytes > 0) std::memcpy(to, from, size_bytes);
  return absl::OkStatus();
}

inline absl::Status Clear(std::byte* bytes, size_t size_bytes) {
  if (size_bytes > kBytesPerQuestion) return ClearLarge(bytes, size_bytes);
  if (size_bytes > 0) std::memset(bytes, 0, size_bytes);
  return absl::OkStatus();
}

}  // namespace buffer_internal

template <typename T>
absl::Status TrackedVector<T>::Reserve(size_t capacity_wanted) {
  if (capacity_wanted <= capacity()) return absl::OkStatus();
  const size_t grown = std::max({capacity_wanted, capacity() * 2, size_t{64} / sizeof(T) + 1});
  absl::StatusOr<Buffer> buffer = Buffer::AllocateUninitialized(*budget_, grown * sizeof(T));
  if (!buffer.ok()) return buffer.status();
  absl::Status status = buffer_internal::Copy(buffer->data(), buffer_.data(), size_ * sizeof(T));
  if (!status.ok()) return status;
  buffer_ = *std::move(buffer);
  return absl::OkStatus();
}

template <typename T>
absl::Status TrackedVector<T>::Resize(size_t size) {
  absl::Status status = Reserve(size);
  if (!status.ok()) return status;
  if (size > size_) {
    status = buffer_internal::Clear(buffer_.data() + size_ * sizeof(T), (size - size_) * sizeof(T));
    if (!status.ok()) return status;
  }
  size_ = size;
  return absl::OkStatus();
}

template <typename T>
absl::Status TrackedVector<T>::ResizeUninitialized(size_t size) {
  absl::Status status = Reserve(size);
  if (!status.ok()) return status;
  size_ = size;
  return absl::OkStatus();
}

template <typename T>
absl::Status TrackedVector<T>::Append(T value) {
  if (size_ == capacity()) {
    absl::Status status = Reserve(size_ + 1);
    if (!status.ok()) return status;
  }
  AppendUnchecked(value);
  return absl::OkStatus();
}

template <typename T>
absl::Status TrackedVector<T>::AppendSpan(std::span<const T> values) {
  absl::Status status = Reserve(size_ + values.size());
  if (!status.ok()) return status;
  if (!values.empty()) std::memcpy(data() + size_, values.data(), values.size_bytes());
  size_ += values.size();
  return absl::OkStatus();
}

template <typename T>
absl::Status TrackedVector<T>::ChargeTo(MemoryBudget& budget) {
  absl::Status status = buffer_.ChargeTo(budget);
  if (status.ok()) budget_ = &budget;
  return status;
}

template <typename T>
absl::StatusOr<Buffer> TrackedVector<T>::Release() {
  const size_t used_bytes = size_ * sizeof(T);
  size_ = 0;
  if (buffer_.size_bytes() - used_bytes <= buffer_.size_bytes() / 8) {
    // The unused tail has any bytes; readers go by the row count of their column.
    return std::exchange(buffer_, Buffer());
  }
  absl::StatusOr<Buffer> exact = Buffer::AllocateUninitialized(*budget_, used_bytes);
  if (!exact.ok()) return exact.status();
  if (used_bytes > 0) std::memcpy(exact->data(), buffer_.data(), used_bytes);
  buffer_ = Buffer();
  return exact;
}

}  // namespace sextant
