#include "compute/exec/partitioned_groups.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include "compute/kernels/widen.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Of a partition, so that its samples and states stay in the second-level cache.
constexpr uint64_t kRowsPerPartition = uint64_t{1} << 15;
constexpr unsigned kMaxPartitionBits = 12;
/// Partitions that are made and have no place yet.
constexpr size_t kMostWaiting = 8;
/// Cells between two questions whether to go on.
constexpr size_t kCellsPerCheck = size_t{1} << 13;

/// Leaves the keys of cells that have a sample, and writes these cells.
absl::Status KeepSampled(CellPartition& made, TrackedVector<uint32_t>& cells,
                         MemoryBudget& budget) {
  const size_t num_cells = made.keys.size();
  SEXTANT_RETURN_IF_ERROR(cells.ResizeUninitialized(num_cells));
  TrackedVector<uint8_t> has_sample(budget);
  SEXTANT_RETURN_IF_ERROR(has_sample.Resize(num_cells));
  for (const auto& metric : made.metrics) metric->MarkSamples(has_sample.span());
  if (num_cells == 0 || std::memchr(has_sample.data(), 0, num_cells) == nullptr) {
    std::iota(cells.data(), cells.data() + num_cells, 0);
    return absl::OkStatus();
  }
  size_t kept = 0;
  for (uint32_t cell = 0; cell < num_cells; ++cell) {
    cells[kept] = cell;
    made.keys[kept] = made.keys[cell];
    kept += has_sample[cell];
  }
  SEXTANT_RETURN_IF_ERROR(cells.Resize(kept));
  return made.keys.Resize(kept);
}

/// Writes the `bits` of each key behind `shift`.
void ReadDigit(std::span<const uint64_t> keys, unsigned shift, unsigned bits, uint32_t* digits) {
  const auto mask = static_cast<uint32_t>((uint64_t{1} << bits) - 1);
  if (mask == 0) {  // and the shift may be as wide as a key
    std::fill_n(digits, keys.size(), 0);
    return;
  }
  ReadDigits(keys.data(), keys.size(), shift, mask, digits);
}

}  // namespace

bool MayBeWorthPartitions(const GroupAggregate& groups, const BoundQuery& query,
                          uint64_t num_rows) {
  constexpr uint64_t kLeastRows = uint64_t{1} << 18;
  constexpr uint64_t kRowsPerValue = 4;  // all values of the axes are ranked
  if (num_rows < kLeastRows || groups.shape().NumSlots().has_value()) return false;
  uint64_t num_values = 0;
  for (const uint64_t domain : groups.shape().domains) num_values += domain;
  if (num_values > num_rows / kRowsPerValue) return false;
  // Cells are counted late: a grouping that is likely to have too many is refused on the usual way.
  constexpr uint64_t kMostTimesTooMany = 2;
  return num_rows / kMostTimesTooMany * query.metrics.size() <= query.limits.max_values;
}

/// Of n rows drawn among c cells, about n^2 / 2c share the cell of one drawn before.
bool IsWorthPartitions(const GroupedSample& sample, uint64_t num_rows) {
  constexpr uint64_t kLeastSelected = uint64_t{1} << 14;
  if (sample.num_selected < kLeastSelected) return false;
  const auto drawn = static_cast<double>(sample.num_selected);
  const double num_repeats = drawn - static_cast<double>(sample.num_cells);
  const double num_samples =
      static_cast<double>(num_rows) * drawn / static_cast<double>(sample.num_scanned);
  return num_repeats * num_samples <= drawn * drawn;
}

absl::StatusOr<std::unique_ptr<PartitionedGroups>> PartitionedGroups::Create(
    QueryContext& context, const BoundQuery& query, const GroupAggregate& groups,
    uint64_t num_rows) {
  SEXTANT_DCHECK(groups.may_log());
  std::unique_ptr<PartitionedGroups> made(new PartitionedGroups(context, query, groups));
  SEXTANT_RETURN_IF_ERROR(made->RankAxes());
  SampleLogPlan& plan = made->plan_;
  plan.digits.interval_bits = KeyDigits::BitsBelow(groups.shape().num_intervals);
  plan.max_rows = std::min<uint64_t>(num_rows, kRangeRows);
  plan.bin_bits =
      std::clamp(KeyDigits::BitsBelow(num_rows / kRowsPerPartition), 1u, kMaxPartitionBits);
  plan.spare = &made->spare_;
  made->carrier_ = groups.MakeCarrier();
  plan.carrier = made->carrier_.get();
  made->parts_.resize(plan.num_bins());
  return made;
}

absl::Status PartitionedGroups::RankAxes() {
  MemoryBudget& budget = context_.budget();
  SEXTANT_ASSIGN_OR_RETURN(const AxisCodes::State state, groups_.axes().MakeState(budget));
  for (const uint32_t axis : groups_.axes().shown()) {
    const AxisCoder& coder = groups_.axes().coders()[axis];
    TrackedVector<uint8_t> used(budget);
    SEXTANT_RETURN_IF_ERROR(used.Resize(coder.domain()));
    std::fill(used.data(), used.data() + used.size(), 1);
    used[0] = coder.may_be_null() ? 1 : 0;
    const AxisSource source = {&coder, &state.axes[axis], used.span()};
    SEXTANT_ASSIGN_OR_RETURN(RankedAxis ranked,
                             RankAxis(context_, query_.axes()[axis].type, {&source, 1}));
    axes_.push_back(std::move(ranked));
    plan_.digits.axes.push_back(
        {KeyDigits::BitsBelow(axes_.back().values.size()), axes_.back().rank_of_code[0].span()});
  }
  return absl::OkStatus();
}

absl::Status PartitionedGroups::BeginPartitions(const GroupAggregate::State& logged) {
  spare_.Clear();
  size_t num_samples = 0;
  for (uint32_t index = 0; index < parts_.size(); ++index) {
    size_t& of_part = parts_[index].num_samples;
    for (const auto& log : logged.logs) of_part += log->bin(index).keys.size();
    num_samples += of_part;
  }
  SEXTANT_RETURN_IF_ERROR(rows_.intervals.ResizeUninitialized(num_samples));
  for (size_t axis = 0; axis < axes_.size(); ++axis) {
    rows_.axes.emplace_back(query_.axes()[axis].type, context_.budget());
    SEXTANT_RETURN_IF_ERROR(rows_.axes[axis].ranks.ResizeUninitialized(num_samples));
  }
  for (size_t i = 0; i < query_.datasets[0].aggregates.size(); ++i) {
    MetricValues& values = values_.emplace_back(aggregate(i).result_type, context_.budget());
    if (values.has_slots()) SEXTANT_RETURN_IF_ERROR(values.ResizeSlots(num_samples));
  }
  return absl::OkStatus();
}

absl::Status PartitionedGroups::MakePartition(const GroupAggregate::State& logged, uint32_t index) {
  SEXTANT_ASSIGN_OR_RETURN(
      CellPartition made,
      groups_.MakePartition(logged, index, context_.budget(), [this] { return context_.Check(); }));
  const uint64_t added = made.keys.size();
  SEXTANT_RETURN_IF_ERROR(
      CheckNumValues(num_cells_.fetch_add(added, std::memory_order_relaxed) + added,
                     query_.metrics.size(), query_.limits.max_values));
  TrackedVector<uint32_t> cells(context_.budget());
  SEXTANT_RETURN_IF_ERROR(KeepSampled(made, cells, context_.budget()));
  parts_[index].num_rows = cells.size();
  for (MadePart& placed : TakePlaced({index, std::move(made), std::move(cells)})) {
    Part& part = parts_[placed.index];
    WriteKeys(placed.cells.keys.span(), part.begin);
    SEXTANT_RETURN_IF_ERROR(WriteValues(placed.cells, placed.sampled.span(), part));
  }
  return absl::OkStatus();
}

std::vector<PartitionedGroups::MadePart> PartitionedGroups::TakePlaced(MadePart made) {
  std::vector<MadePart> placed;
  const std::lock_guard lock(mutex_);
  if (parts_[made.index].has_room) {
    placed.push_back(std::move(made));
    return placed;
  }
  const uint32_t index = made.index;
  waiting_.emplace(index, std::move(made));
  while (!waiting_.empty()) {
    const auto first = waiting_.begin();
    if (first->first != next_to_place_ && waiting_.size() <= kMostWaiting) break;
    while (next_to_place_ < first->first) {
      GiveRoom(parts_[next_to_place_], parts_[next_to_place_].num_samples);
    }
    GiveRoom(parts_[first->first], parts_[first->first].num_rows);
    placed.push_back(std::move(first->second));
    waiting_.erase(first);
  }
  return placed;
}

void PartitionedGroups::GiveRoom(Part& part, size_t num_rows) {
  part.has_room = true;
  part.begin = end_of_rooms_;
  end_of_rooms_ += num_rows;
  ++next_to_place_;
}

void PartitionedGroups::WriteKeys(std::span<const uint64_t> keys, size_t first_row) {
  if (keys.empty()) return;
  unsigned shift = 0;
  ReadDigit(keys, shift, plan_.digits.interval_bits, rows_.intervals.data() + first_row);
  shift += plan_.digits.interval_bits;
  for (size_t axis = axes_.size(); axis-- > 0;) {
    const unsigned bits = plan_.digits.axes[axis].bits;
    ReadDigit(keys, shift, bits, rows_.axes[axis].ranks.data() + first_row);
    shift += bits;
  }
}

absl::Status PartitionedGroups::WriteValues(CellPartition& made, std::span<const uint32_t> cells,
                                            Part& part) {
  const auto check = [this] { return context_.Check(); };
  for (size_t i = 0; i < made.metrics.size(); ++i) {
    MetricValues own(aggregate(i).result_type, context_.budget());
    SEXTANT_RETURN_IF_ERROR(own.Reserve(cells.size()));
    for (size_t begin = 0; begin < cells.size(); begin += kCellsPerCheck) {
      SEXTANT_RETURN_IF_ERROR(check());
      const size_t count = std::min(kCellsPerCheck, cells.size() - begin);
      SEXTANT_RETURN_IF_ERROR(made.metrics[i]->Finish(cells.subspan(begin, count), own, check));
    }
    if (!own.has_slots()) {
      part.unsized.emplace(i, std::move(own));
      continue;
    }
    values_[i].CopySlots(part.begin, own);
  }
  return absl::OkStatus();
}

template <typename T>
absl::Status PartitionedGroups::CloseUp(TrackedVector<T>& column) const {
  if (column.empty()) return absl::OkStatus();
  size_t num_rows = 0;
  for (const Part& part : parts_) {
    if (part.begin != num_rows) {
      SEXTANT_RETURN_IF_ERROR(context_.Check());
      std::copy_n(column.data() + part.begin, part.num_rows, column.data() + num_rows);
    }
    num_rows += part.num_rows;
  }
  return column.Resize(num_rows);
}

absl::StatusOr<ResultRows> PartitionedGroups::TakeRows() {
  SEXTANT_RETURN_IF_ERROR(CloseUp(rows_.intervals));
  for (size_t axis = 0; axis < axes_.size(); ++axis) {
    SEXTANT_RETURN_IF_ERROR(CloseUp(rows_.axes[axis].ranks));
    rows_.axes[axis].values = std::move(axes_[axis].values);
  }
  rows_.pass_begins = {0, rows_.size()};
  return std::move(rows_);
}

absl::StatusOr<MetricValues> PartitionedGroups::TakeValues(size_t index) {
  MetricValues& values = values_[index];
  SEXTANT_RETURN_IF_ERROR(CloseUp(values.valid));
  SEXTANT_RETURN_IF_ERROR(CloseUp(values.integers));
  SEXTANT_RETURN_IF_ERROR(CloseUp(values.floats));
  SEXTANT_RETURN_IF_ERROR(CloseUp(values.wides));
  if (values.has_slots()) return std::move(values);
  for (const Part& part : parts_) {
    SEXTANT_RETURN_IF_ERROR(context_.Check());
    if (part.num_rows > 0) SEXTANT_RETURN_IF_ERROR(values.AppendAll(part.unsized.at(index)));
  }
  return std::move(values);
}

}  // namespace sextant
