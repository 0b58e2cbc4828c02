#include "compute/operators/fused_extremes.h"

#include <array>
#include <utility>
#include <vector>

#include "compute/kernels/cell_maxima.h"
#include "compute/kernels/row_runs.h"
#include "compute/memory/check.h"
#include "compute/operators/fused_view.h"
#include "compute/operators/near_packing.h"
#include "compute/operators/word_batch.h"

namespace sextant {
namespace {

/// Member m is half m % 2 of word m / 2 of a cell.
struct ExtremeMember {
  OrderedValue value;
  NearPacking packing;
};
constexpr size_t kMaxMembers = 2 * CellForm::kMaxWords;

class FusedExtremesState final : public AggregateState {
 public:
  FusedExtremesState(const std::vector<ExtremeMember>& members, MemoryBudget& budget)
      : members_(members), num_words_((members.size() + 1) / 2), budget_(budget), cells_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return cells_.Resize(num_cells * num_words_); }

  absl::Status Update(const SampleBatch& batch) override {
    const size_t num_rows = batch.rows.size();
    WordBatch words;
    words.Start({}, num_rows);
    for (uint32_t m = 0; m < members_.size(); ++m) {
      std::array<uint32_t, kBatchRows> packed;
      members_[m].packing.Read(members_[m].value, batch, packed.data());
      words.AddSlots(packed.data(), RunOfRows(0, num_rows), {.word = m / 2, .shift = m % 2 * 32});
    }
    CellAddends addends;
    words.Finish(static_cast<uint32_t>(num_words_), addends);
    RaiseCellPairs({addends.words.data(), num_words_}, {batch.cells, num_rows}, cells_.data());
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    const auto& other = static_cast<const FusedExtremesState&>(from);
    return ForBlocks(cell_map.size(), keep_going, [&](size_t begin, size_t end) {
      MergeCellPairs(num_words_, other.cells_.data() + begin * num_words_,
                     cell_map.subspan(begin, end - begin), cells_.data());
    });
  }

  bool HasSample(uint32_t cell) const override { return PackedOf(0, cell) != 0; }
  void MarkSamples(std::span<uint8_t> has_sample) const override { MarkSamplesOf(0, has_sample); }
  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    return FinishMember(0, cells, values);
  }

  /// Of the member of that number, the first of which is the leader; 0: no sample.
  uint32_t PackedOf(uint32_t member, uint32_t cell) const {
    return static_cast<uint32_t>(cells_[cell * num_words_ + member / 2] >> (member % 2 * 32));
  }
  bool HasSampleOf(uint32_t member, uint32_t cell) const { return PackedOf(member, cell) != 0; }
  void MarkSamplesOf(uint32_t member, std::span<uint8_t> has_sample) const {
    const uint64_t* const words = cells_.data() + member / 2;
    const size_t stride = num_words_;
    const uint32_t shift = member % 2 * 32;
    MarkSamplesBy(has_sample, [=](size_t cell) {
      return static_cast<uint32_t>(words[cell * stride] >> shift) != 0;
    });
  }
  absl::Status FinishMember(uint32_t member, std::span<const uint32_t> cells,
                            MetricValues& values) const {
    const ExtremeMember& one = members_[member];
    const OffsetSource source(one.value, budget_);
    if (values.form == MetricValues::Form::kInteger) {
      SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> slots, values.AddIntegers(cells.size()));
      uint8_t* __restrict valid = values.valid.data() + values.size() - cells.size();
      for (size_t k = 0; k < cells.size(); ++k) {
        const uint32_t packed = PackedOf(member, cells[k]);
        slots[k] = packed != 0 ? source.Integer(one.packing.Unpack(packed)) : 0;
        valid[k] = packed != 0 ? 1 : 0;
      }
      return absl::OkStatus();
    }
    for (const uint32_t cell : cells) {
      const uint32_t packed = PackedOf(member, cell);
      SEXTANT_RETURN_IF_ERROR(packed != 0 ? source.Append(one.packing.Unpack(packed), values)
                                          : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 private:
  const std::vector<ExtremeMember>& members_;
  const size_t num_words_;
  MemoryBudget& budget_;
  TrackedVector<uint64_t> cells_;
};

/// The leader: its own is the first member.
class FusedExtremes final : public Aggregate {
 public:
  explicit FusedExtremes(std::vector<ExtremeMember> members) : members_(std::move(members)) {}

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    return std::make_unique<FusedExtremesState>(members_, budget);
  }
  bool is_order_free() const override { return true; }

 private:
  const std::vector<ExtremeMember> members_;
};

}  // namespace

void FuseExtremes(const FusedLane& lane, std::span<std::unique_ptr<Aggregate>> aggregates,
                  std::span<uint32_t> leaders) {
  std::vector<ExtremeMember> members;
  std::vector<uint32_t> positions;
  for (const uint32_t i : lane.aggregates) {
    const BoundAggregate& one = lane.At(i);
    const bool is_extreme = one.kind == AggregateKind::kMin || one.kind == AggregateKind::kMax;
    if (!is_extreme || leaders[i] != i || members.size() == kMaxMembers) continue;
    OrderedValue value(one.value, lane.table);
    if (!NearPacking::Holds(value)) continue;
    const NearPacking packing(value, one.kind == AggregateKind::kMax);
    members.push_back({std::move(value), packing});
    positions.push_back(i);
  }
  if (members.size() < 2) return;
  for (uint32_t member = 1; member < positions.size(); ++member) {
    aggregates[positions[member]] = std::make_unique<FusedFollower<FusedExtremesState>>(member);
    leaders[positions[member]] = positions[0];
  }
  aggregates[positions[0]] = std::make_unique<FusedExtremes>(std::move(members));
}

}  // namespace sextant
