#include <array>
#include <optional>

#include "compute/operators/aggregate.h"
#include "compute/operators/interner.h"
#include "compute/operators/morsel.h"
#include "compute/operators/value_coder.h"

namespace sextant {
namespace {

/// count(DISTINCT x), exact: the set of (cell, code of the value) pairs seen, and how many each
/// cell has.
class DistinctState final : public AggregateState {
 public:
  DistinctState(const ValueCoder& coder, MemoryBudget& budget)
      : coder_(coder), budget_(budget), values_(budget), pairs_(budget), counts_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return counts_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<uint32_t, kBatchRows> codes;
    SEXTANT_RETURN_IF_ERROR(coder_.Encode(*batch.chunk, batch.rows, values_, codes.data()));
    SEXTANT_RETURN_IF_ERROR(pairs_.Reserve(batch.rows.size()));
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      if (codes[k] != 0) Add(batch.cells[k], codes[k]);
    }
    return absl::OkStatus();
  }

  absl::Status Merge(const AggregateState& from, std::span<const uint32_t> cell_map) override {
    const auto& other = static_cast<const DistinctState&>(from);
    TrackedVector<uint32_t> remap(budget_);
    SEXTANT_RETURN_IF_ERROR(coder_.Absorb(other.values_, values_, remap));
    SEXTANT_RETURN_IF_ERROR(pairs_.Reserve(other.pairs_.size()));
    for (uint32_t pair = 0; pair < other.pairs_.size(); ++pair) {
      const uint64_t key = other.pairs_.key(pair);
      const auto code = static_cast<uint32_t>(key);
      Add(cell_map[key >> 32], coder_.is_dense() ? code : remap[code]);
    }
    return absl::OkStatus();
  }

  bool HasSample(uint32_t cell) const override { return counts_[cell] != 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values) const override {
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(values.AppendInteger(counts_[cell]));
    }
    return absl::OkStatus();
  }

 private:
  void Add(uint32_t cell, uint32_t code) {
    const uint32_t size = pairs_.size();
    pairs_.Intern(uint64_t{cell} << 32 | code);
    counts_[cell] += pairs_.size() - size;
  }

  const ValueCoder& coder_;
  MemoryBudget& budget_;
  CodedValues values_;
  Interner<uint64_t> pairs_;
  TrackedVector<int64_t> counts_;
};

class CountDistinct final : public Aggregate {
 public:
  explicit CountDistinct(const AggregateSpec& spec)
      : coder_(ValueCoder::OfValue(spec.table, spec.aggregate.value)) {}
  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    return std::make_unique<DistinctState>(coder_, budget);
  }

 private:
  const ValueCoder coder_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeCountDistinct(const AggregateSpec& spec) {
  return std::make_unique<CountDistinct>(spec);
}

}  // namespace sextant
