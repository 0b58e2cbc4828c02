#include "compute/operators/fused_sums.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "compute/memory/check.h"
#include "compute/operators/cell_table.h"
#include "compute/operators/fused_addends.h"
#include "compute/operators/fused_plan.h"
#include "compute/operators/fused_selection.h"
#include "compute/operators/fused_view.h"
#include "compute/operators/sum_columns.h"

namespace sextant {
namespace {

/// An aggregate that is finished from a fused state.
struct FusedMember {
  uint32_t value = 0;  // of the plan
  bool is_count = false;
  SumFormat format;  // of a sum or mean
};

/// The sums of a value, as the accumulators that they are finished by.
struct IntegerSums {
  IntegerSums(const CellTable& cells, const FusedValue& value)
      : words(cells[0]),
        stride(cells.form().stride()),
        count(value.count),
        sum(value.sum),
        least(static_cast<uint64_t>(value.least)) {}

  ProvenSum operator[](uint32_t cell) const {
    const uint64_t* const own = words + cell * stride;
    const uint64_t num_values = count.Of(own);
    return {.sum = static_cast<int64_t>(sum.Of(own) + least * num_values), .count = num_values};
  }

  const uint64_t* words;
  size_t stride;
  WordField count;
  WordField sum;
  uint64_t least;
};
struct FloatSums {
  FloatSums(const CellTable& cells, const FusedValue& value)
      : words(cells[0]),
        stride(cells.form().stride()),
        count(value.count),
        sum_word(cells.form().num_words + value.float_index) {}

  FiniteSum operator[](uint32_t cell) const {
    const uint64_t* const own = words + cell * stride;
    return {.sum = std::bit_cast<double>(own[sum_word]), .count = count.Of(own)};
  }

  const uint64_t* words;
  size_t stride;
  WordField count;
  size_t sum_word;
};

class FusedState final : public AggregateState {
 public:
  FusedState(const FusedPlan& plan, const std::vector<FusedMember>& members, MemoryBudget& budget)
      : plan_(plan), members_(members), cells_(plan.form(), budget) {}

  absl::Status Resize(uint32_t num_cells) override { return cells_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    FusedAddends addends;
    cells_.Add(addends.Read(plan_, batch), {batch.cells, batch.rows.size()});
    return absl::OkStatus();
  }

  bool AddChunk(const ByteCells& cells) override {
    // Of fewer the tables cost more than they save.
    constexpr uint32_t kLeastRows = uint32_t{1} << 13;
    ByteCellAddends addends;
    if (cells.chunk->num_rows() < kLeastRows || !ReadByteAddends(plan_, *cells.chunk, addends)) {
      return false;
    }
    addends.cells = cells.bytes.data();
    ByteCellSums sums;
    std::memset(&sums, 0, sizeof(sums));
    const uint32_t num_cells =
        std::min(ByteCellSums::kCells, cells_.num_cells() - cells.first_cell);
    const CellForm form = cells_.form();
    for (uint32_t byte = 0; byte < num_cells; ++byte) {
      const uint64_t* const cell = cells_.first_way(cells.first_cell + byte);
      for (uint32_t f = 0; f < form.num_floats; ++f) {
        sums.floats[f][byte] = std::bit_cast<double>(cell[1 + f]);
      }
    }
    AddByteCells(addends, sums);
    for (uint32_t byte = 0; byte < num_cells; ++byte) {
      uint64_t* const cell = cells_.first_way(cells.first_cell + byte);
      for (const auto& way : sums.words) cell[0] += way[byte];
      for (uint32_t f = 0; f < form.num_floats; ++f) {
        cell[1 + f] = std::bit_cast<uint64_t>(sums.floats[f][byte]);
      }
    }
    return true;
  }

  void Add(const CellAddends& addends, std::span<const uint32_t> cells) {
    cells_.Add(addends, cells);
  }

  bool takes_selections() const override { return plan_.sums_selections(); }
  void AddSelected(const SelectedRows& selected) override {
    cells_.AddToFirst(SumOfSelection(plan_, selected));
  }

  absl::Status Seal(KeepGoing) override {
    cells_.Fold();
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    return cells_.Merge(static_cast<FusedState&>(from).cells_, cell_map, keep_going);
  }

  bool HasSample(uint32_t cell) const override { return HasSampleOf(0, cell); }
  void MarkSamples(std::span<uint8_t> has_sample) const override { MarkSamplesOf(0, has_sample); }
  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    return FinishMember(0, cells, values);
  }

  /// The same of the member of that number; the first is the leader.
  bool HasSampleOf(uint32_t member, uint32_t cell) const {
    return ValueOf(member).count.Of(cells_[cell]) != 0;
  }
  void MarkSamplesOf(uint32_t member, std::span<uint8_t> has_sample) const {
    const WordField count = ValueOf(member).count;
    const size_t stride = cells_.form().stride();
    const uint64_t* const words = cells_[0];
    MarkSamplesBy(has_sample, [=](size_t cell) { return count.Of(words + cell * stride) != 0; });
  }
  absl::Status FinishMember(uint32_t member, std::span<const uint32_t> cells,
                            MetricValues& values) const {
    const FusedMember& one = members_[member];
    const FusedValue& value = ValueOf(member);
    if (one.is_count) return FinishCounts(value.count, cells, values);
    if (value.kind == FusedValue::Kind::kFloats) {
      return AppendSumColumn(one.format, FloatSums{cells_, value}, cells, values);
    }
    return AppendSumColumn(one.format, IntegerSums{cells_, value}, cells, values);
  }

 private:
  const FusedValue& ValueOf(uint32_t member) const {
    return plan_.values()[members_[member].value];
  }

  absl::Status FinishCounts(const WordField& count, std::span<const uint32_t> cells,
                            MetricValues& values) const {
    SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> slots, values.AddIntegers(cells.size()));
    const uint64_t* const words = cells_[0];
    const size_t stride = cells_.form().stride();
    int64_t* __restrict counts = slots.data();
    for (size_t k = 0; k < cells.size(); ++k) {
      counts[k] = static_cast<int64_t>(count.Of(words + cells[k] * stride));
    }
    return absl::OkStatus();
  }

  const FusedPlan& plan_;
  const std::vector<FusedMember>& members_;
  CellTable cells_;
};

class FusedCarrier final : public SampleCarrier {
 public:
  FusedCarrier(const FusedPlan& plan, FusedPlan of_one) : plan_(plan), of_one_(std::move(of_one)) {}

  void Write(const SampleBatch& batch, uint32_t* __restrict carried) const override {
    FusedAddends addends;
    const uint64_t* __restrict words = addends.Read(of_one_, batch).words[0];
    for (size_t k = 0; k < batch.rows.size(); ++k) carried[k] = static_cast<uint32_t>(words[k]);
  }
  void Add(std::span<const uint32_t> carried, const uint32_t* cells,
           AggregateState& state) const override {
    FusedAddends addends;
    static_cast<FusedState&>(state).Add(addends.Unpack(plan_, of_one_, carried),
                                        {cells, carried.size()});
  }

 private:
  const FusedPlan& plan_;
  const FusedPlan of_one_;
};

/// The leader: its own is the first member.
class FusedSums final : public Aggregate {
 public:
  FusedSums(FusedPlan plan, std::vector<FusedMember> members)
      : plan_(std::move(plan)), members_(std::move(members)) {}

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    return std::make_unique<FusedState>(plan_, members_, budget);
  }
  bool is_order_free() const override { return plan_.form().num_floats == 0; }
  std::unique_ptr<SampleCarrier> MakeCarrier() const override {
    std::optional<FusedPlan> of_one = plan_.OfOneSample();
    return of_one ? std::make_unique<FusedCarrier>(plan_, *std::move(of_one)) : nullptr;
  }

 private:
  const FusedPlan plan_;
  const std::vector<FusedMember> members_;
};

bool IsSum(AggregateKind kind) {
  return kind == AggregateKind::kSum || kind == AggregateKind::kAvg;
}

/// What the sums of a value are of: of floats that are decimals, these.
DataType SummedType(const FusedValue& value, const DataType& type) {
  constexpr int kPrecision = 18;
  return value.kind == FusedValue::Kind::kDecimals ? DataType::Decimal(kPrecision, value.digits)
                                                   : type;
}

/// Finds the members of a lane.
class LaneFusion {
 public:
  LaneFusion(const FusedLane& lane, std::span<const uint32_t> leaders)
      : lane_(lane), leaders_(leaders), plan_(lane.table, lane.num_rows, lane.has_few_cells) {}

  /// Sums first: what follows them counts their values, and where there are none there is nothing
  /// to gain.
  void Find() {
    if (!AsksForCounts())
      AddSums([this](const auto& value) { return plan_.AddPositiveSum(value); });
    AddSums([this](const auto& value) { return plan_.AddSum(value); });
    const size_t num_sums = members_.size();
    if (num_sums == 0) return;
    for (const uint32_t i : lane_.aggregates) {
      if (leaders_[i] != i) {
        AddMember(i, ValueOf(leaders_[i], num_sums));
      } else if (lane_.At(i).kind == AggregateKind::kCountRows) {
        AddMember(i, plan_.AddCount(nullptr));
      } else if (lane_.At(i).kind == AggregateKind::kCount) {
        AddMember(i, plan_.AddCount(&lane_.At(i).value));
      }
    }
  }

  /// Writes the aggregates and the leaders.
  void Replace(std::span<std::unique_ptr<Aggregate>> aggregates, std::span<uint32_t> leaders) {
    if (members_.empty()) return;
    for (uint32_t member = 1; member < positions_.size(); ++member) {
      aggregates[positions_[member]] = std::make_unique<FusedFollower<FusedState>>(member);
      leaders[positions_[member]] = positions_[0];
    }
    aggregates[positions_[0]] = std::make_unique<FusedSums>(std::move(plan_), std::move(members_));
  }

 private:
  bool AsksForCounts() const {
    return std::any_of(lane_.aggregates.begin(), lane_.aggregates.end(), [this](uint32_t i) {
      const AggregateKind kind = lane_.At(i).kind;
      return kind == AggregateKind::kAvg || kind == AggregateKind::kCount ||
             kind == AggregateKind::kCountRows;
    });
  }
  /// Adds the sums that are not members yet, and that `add` takes.
  template <typename Add>
  void AddSums(Add add) {
    for (const uint32_t i : lane_.aggregates) {
      const bool is_known = std::find(positions_.begin(), positions_.end(), i) != positions_.end();
      if (is_known || leaders_[i] != i || !IsSum(lane_.At(i).kind) || IsInLanes(lane_.At(i))) {
        continue;
      }
      AddMember(i, add(lane_.At(i).value));
    }
  }
  /// The sum of an ungrouped float goes by lanes (rule 4).
  bool IsInLanes(const BoundAggregate& aggregate) const {
    return lane_.is_ungrouped && IsFloat(aggregate.value.type.kind);
  }
  /// The value of the sum at position `leader`, if it is one of the first `num_sums` members.
  std::optional<uint32_t> ValueOf(uint32_t leader, size_t num_sums) const {
    for (size_t member = 0; member < num_sums; ++member) {
      if (positions_[member] == leader) return members_[member].value;
    }
    return std::nullopt;
  }
  void AddMember(uint32_t i, std::optional<uint32_t> value) {
    if (!value) return;
    const BoundAggregate& one = lane_.At(i);
    FusedMember& member = members_.emplace_back();
    member.value = *value;
    member.is_count = !IsSum(one.kind);
    if (!member.is_count) {
      member.format = {one.metric, one.kind == AggregateKind::kAvg,
                       SummedType(plan_.values()[*value], one.value.type), one.result_type};
    }
    positions_.push_back(i);
  }

  const FusedLane& lane_;
  const std::span<const uint32_t> leaders_;
  FusedPlan plan_;
  std::vector<FusedMember> members_;
  std::vector<uint32_t> positions_;  // of the members among the aggregates of the dataset
};

}  // namespace

void FuseSums(const FusedLane& lane, std::span<std::unique_ptr<Aggregate>> aggregates,
              std::span<uint32_t> leaders) {
  LaneFusion fusion(lane, leaders);
  fusion.Find();
  fusion.Replace(aggregates, leaders);
}

}  // namespace sextant
