#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sample_pin.h"

namespace sextant {

/// Collects samples and hands them on when there are kBatchRows. Not thread-safe.
class SampleBuffer {
 public:
  explicit SampleBuffer(SamplePin::Sink sink) : sink_(sink) {}

  absl::Status Add(uint32_t position, uint32_t interval) {
    positions_[size_] = position;
    intervals_[size_] = interval;
    return ++size_ < kBatchRows ? absl::OkStatus() : Flush();
  }
  absl::Status Flush() {
    const size_t size = std::exchange(size_, 0);
    return size == 0 ? absl::OkStatus() : sink_({positions_.data(), intervals_.data(), size});
  }

 private:
  SamplePin::Sink sink_;
  size_t size_ = 0;
  std::array<uint32_t, kBatchRows> positions_;
  std::array<uint32_t, kBatchRows> intervals_;
};

}  // namespace sextant
