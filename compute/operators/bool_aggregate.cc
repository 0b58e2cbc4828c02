#include <array>

#include "compute/operators/aggregate.h"
#include "compute/operators/morsel.h"

namespace sextant {
namespace {

/// What a cell has seen.
constexpr uint8_t kSawTrue = 1;
constexpr uint8_t kSawFalse = 2;

/// bool_or: a TRUE was seen. bool_and: no FALSE was.
class BoolState final : public AggregateState {
 public:
  BoolState(const ValueReader& reader, bool is_or, MemoryBudget& budget)
      : reader_(reader), is_or_(is_or), seen_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return seen_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<int64_t, kBatchRows> values;
    std::array<uint8_t, kBatchRows> valid;
    reader_.ReadIntegers(*batch.chunk, batch.rows, values.data(), valid.data());
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      if (valid[k] != 0) seen_[batch.cells[k]] |= values[k] != 0 ? kSawTrue : kSawFalse;
    }
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    const auto& other = static_cast<const BoolState&>(from);
    return MergeCells(other.seen_.size(), keep_going,
                      [&](size_t cell) { seen_[cell_map[cell]] |= other.seen_[cell]; });
  }

  bool HasSample(uint32_t cell) const override { return seen_[cell] != 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    for (const uint32_t cell : cells) {
      const bool value = is_or_ ? (seen_[cell] & kSawTrue) != 0 : (seen_[cell] & kSawFalse) == 0;
      SEXTANT_RETURN_IF_ERROR(HasSample(cell) ? values.AppendInteger(value ? 1 : 0)
                                              : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 private:
  const ValueReader& reader_;
  const bool is_or_;
  TrackedVector<uint8_t> seen_;
};

class BoolAggregate final : public Aggregate {
 public:
  explicit BoolAggregate(const AggregateSpec& spec)
      : reader_(spec.aggregate.value, spec.table),
        is_or_(spec.aggregate.kind == AggregateKind::kBoolOr) {}
  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    return std::make_unique<BoolState>(reader_, is_or_, budget);
  }
  bool is_order_free() const override { return true; }

 private:
  const ValueReader reader_;
  const bool is_or_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeBool(const AggregateSpec& spec) {
  return std::make_unique<BoolAggregate>(spec);
}

}  // namespace sextant
