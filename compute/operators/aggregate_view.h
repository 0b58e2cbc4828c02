#pragma once

#include <cstdint>
#include <span>

#include "compute/operators/aggregate.h"

namespace sextant {

/// The state of an aggregate that another's state, its leader, is finished for: it takes no samples
/// of its own. The leader outlives it.
class AggregateView : public AggregateState {
 public:
  absl::Status Resize(uint32_t) override { return absl::OkStatus(); }
  absl::Status Update(const SampleBatch&) override { return absl::OkStatus(); }
  bool takes_selections() const override { return true; }
  absl::Status Merge(AggregateState&, std::span<const uint32_t>, KeepGoing) override {
    return absl::OkStatus();
  }
};

}  // namespace sextant
