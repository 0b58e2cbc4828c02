#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "compute/memory/check.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/aggregate_view.h"

namespace sextant {

/// A member of a fused state but the first, which is the leader's own. State has HasSampleOf,
/// MarkSamplesOf and FinishMember, by the number of the member.
template <typename State>
class FusedView final : public AggregateView {
 public:
  FusedView(const State& leader, uint32_t member) : leader_(leader), member_(member) {}

  bool HasSample(uint32_t cell) const override { return leader_.HasSampleOf(member_, cell); }
  void MarkSamples(std::span<uint8_t> has_sample) const override {
    leader_.MarkSamplesOf(member_, has_sample);
  }
  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    return leader_.FinishMember(member_, cells, values);
  }

 private:
  const State& leader_;
  const uint32_t member_;
};

/// The aggregate of such a member: it has no state of its own.
template <typename State>
class FusedFollower final : public Aggregate {
 public:
  explicit FusedFollower(uint32_t member) : member_(member) {}

  std::unique_ptr<AggregateState> MakeState(MemoryBudget&) const override {
    SEXTANT_CHECK(false) << "member " << member_ << " has no state of its own";
    return nullptr;
  }
  bool is_order_free() const override { return true; }  // the leader says whether
  std::unique_ptr<AggregateState> MakeView(AggregateState& leader) const override {
    return std::make_unique<FusedView<State>>(static_cast<const State&>(leader), member_);
  }

 private:
  const uint32_t member_;
};

}  // namespace sextant
