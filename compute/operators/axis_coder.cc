#include "compute/operators/axis_coder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/kernels/exact_division.h"
#include "compute/kernels/float_order.h"
#include "compute/kernels/gather.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/check.h"
#include "compute/memory/keep_going.h"
#include "compute/operators/morsel.h"
#include "compute/operators/row_words.h"

namespace sextant {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
/// Of a result, between two questions whether to go on.
constexpr size_t kValuesPerQuestion = size_t{1} << 15;

/// The bin [edges[i], edges[i + 1]) of a value as i + 1, 0 outside. NaN is outside.
template <typename Key>
uint32_t BinOf(const std::vector<Key>& edges, Key value) {
  const auto after = std::upper_bound(edges.begin(), edges.end(), value);
  return after == edges.end() ? 0 : static_cast<uint32_t>(after - edges.begin());
}

}  // namespace

absl::StatusOr<AxisCoder> AxisCoder::Create(const BoundAxis& axis, const Table& table,
                                            const TextRanks* ranks, MemoryBudget& budget) {
  AxisCoder coder;
  coder.kind_ = axis.kind;
  coder.column_index_ = axis.column;
  coder.is_list_ = axis.is_list;
  switch (axis.kind) {
    case GroupAxis::Kind::kColumn:
      coder.column_.emplace(ValueCoder::OfColumn(table, axis.column, ranks));
      coder.may_be_null_ = axis.is_list || table.facts(axis.column).null_count > 0;
      break;
    case GroupAxis::Kind::kBins:
      coder.edges_ = axis.edges;
      coder.float_edges_ = axis.float_edges;
      break;
    case GroupAxis::Kind::kSets:
      SEXTANT_RETURN_IF_ERROR(coder.AddMembers(axis, table, budget));
      break;
  }
  return coder;
}

absl::Status AxisCoder::AddMembers(const BoundAxis& axis, const Table& table,
                                   MemoryBudget& budget) {
  for (const BoundMember& member : axis.members) {
    names_.push_back(member.name);
    SEXTANT_ASSIGN_OR_RETURN(Filter condition, Filter::Create(member.condition, table, budget));
    conditions_.push_back(std::move(condition));
  }
  return absl::OkStatus();
}

uint64_t AxisCoder::domain() const {
  switch (kind_) {
    case GroupAxis::Kind::kBins:
      return std::max(edges_.size(), float_edges_.size());  // one more than bins
    case GroupAxis::Kind::kSets:
      return names_.size() + 1;
    default:
      return column_->domain();
  }
}

uint64_t AxisCoder::NumCodes(const AxisState& state) const {
  return kind_ == GroupAxis::Kind::kColumn ? column_->NumCodes(state.values) : domain();
}

absl::StatusOr<AxisState> AxisCoder::MakeState(MemoryBudget& budget) const {
  AxisState state(budget);
  for (const Filter& condition : conditions_) {
    SEXTANT_ASSIGN_OR_RETURN(FilterScratch scratch, condition.MakeScratch(budget));
    state.filters.push_back(std::move(scratch));
    SEXTANT_ASSIGN_OR_RETURN(
        Buffer bitmap, Buffer::Allocate(budget, BitmapWords(kMaxChunkRows) * sizeof(uint64_t)));
    state.bitmaps.push_back(std::move(bitmap));
  }
  return state;
}

void AxisCoder::BeginChunk(AxisState& state, const Chunk& chunk, Selection selection) const {
  for (size_t i = 0; i < conditions_.size(); ++i) {
    const Selection members = {state.bitmaps[i].As<uint64_t>().data(), selection.first,
                               selection.last};
    if (conditions_[i].Skips(chunk)) {
      members.Clear();
      continue;
    }
    std::memcpy(members.words + members.first, selection.words + selection.first,
                (selection.last - selection.first) * sizeof(uint64_t));
    conditions_[i].Narrow(chunk, members, state.filters[i]);
  }
}

void AxisCoder::FindBins(const Chunk& chunk, std::span<const uint32_t> rows,
                         uint32_t* codes) const {
  SEXTANT_DCHECK(rows.size() <= kBatchRows);
  const Column& column = chunk.column(column_index_);
  if (!float_edges_.empty()) {
    WithFloatSlots(column, [&](auto slots) {
      for (size_t k = 0; k < rows.size(); ++k) {
        codes[k] = BinOf(float_edges_, static_cast<double>(slots[rows[k]]));
      }
    });
  } else {
    std::array<int64_t, kBatchRows> values;
    GatherValues(column, rows, values.data());
    for (size_t k = 0; k < rows.size(); ++k) codes[k] = BinOf(edges_, values[k]);
  }
  if (!column.has_nulls()) return;
  for (size_t k = 0; k < rows.size(); ++k) {
    if (column.IsNull(rows[k])) codes[k] = 0;
  }
}

void AxisCoder::KeepMembers(const AxisState& state, const Chunk& chunk,
                            std::span<const uint32_t> rows, uint8_t* has) const {
  if (kind_ == GroupAxis::Kind::kBins) {
    std::array<uint32_t, kBatchRows> codes;
    FindBins(chunk, rows, codes.data());
    for (size_t k = 0; k < rows.size(); ++k) has[k] &= codes[k] != 0 ? 1 : 0;
  } else if (kind_ == GroupAxis::Kind::kSets) {
    const RowWords words(rows);
    for (const RowWords::Word& one : words.words()) {
      uint64_t members = 0;
      for (const Buffer& bitmap : state.bitmaps) members |= bitmap.As<uint64_t>()[one.word];
      const size_t end = one.first + static_cast<size_t>(std::popcount(one.rows));
      for (size_t k = one.first; k < end; ++k) has[k] &= members >> (rows[k] % 64) & 1;
    }
  } else if (is_list_) {
    const std::span<const uint32_t> offsets = chunk.column(column_index_).offsets();
    for (size_t k = 0; k < rows.size(); ++k) {
      has[k] &= offsets[rows[k]] != offsets[rows[k] + 1] ? 1 : 0;
    }
  }
}

absl::Status AxisCoder::Encode(AxisState& state, const Chunk& chunk, std::span<const uint32_t> rows,
                               uint32_t* codes) const {
  SEXTANT_DCHECK(!is_multiple());
  if (kind_ == GroupAxis::Kind::kColumn) return column_->Encode(chunk, rows, state.values, codes);
  FindBins(chunk, rows, codes);
  return absl::OkStatus();
}

/// Counts the members of each row, then puts each where the count says: row by row, in the order of
/// the sets.
absl::Status AxisCoder::BeginBatch(AxisState& state, std::span<const uint32_t> rows) const {
  if (kind_ != GroupAxis::Kind::kSets) return absl::OkStatus();
  SEXTANT_RETURN_IF_ERROR(state.starts.Resize(rows.size() + 1));
  uint32_t* starts = state.starts.data();
  std::fill_n(starts, rows.size() + 1, 0);
  const RowWords words(rows);
  for (const Buffer& bitmap : state.bitmaps) {
    words.VisitRowsIn(bitmap.As<uint64_t>().data(), [&](size_t k) { ++starts[k + 1]; });
  }
  std::partial_sum(starts, starts + rows.size() + 1, starts);
  SEXTANT_RETURN_IF_ERROR(state.members.Resize(starts[rows.size()]));
  std::array<uint32_t, kBatchRows> next;
  std::copy_n(starts, rows.size(), next.data());
  for (uint32_t set = 0; set < state.bitmaps.size(); ++set) {
    words.VisitRowsIn(state.bitmaps[set].As<uint64_t>().data(),
                      [&](size_t k) { state.members[next[k]++] = set + 1; });
  }
  return absl::OkStatus();
}

absl::Status AxisCoder::AppendCodes(AxisState& state, const Chunk& chunk, uint32_t row, size_t k,
                                    TrackedVector<uint32_t>& codes) const {
  const size_t first = codes.size();
  if (kind_ == GroupAxis::Kind::kSets) {
    return codes.AppendSpan(
        state.members.span().subspan(state.starts[k], state.starts[k + 1] - state.starts[k]));
  }
  const Column& column = chunk.column(column_index_);
  const uint32_t begin = column.offsets()[row];
  const uint32_t length = column.offsets()[row + 1] - begin;
  SEXTANT_RETURN_IF_ERROR(codes.Resize(first + length));
  uint32_t* added = codes.data() + first;
  std::array<uint32_t, kBatchRows> positions;
  for (uint32_t done = 0; done < length; done += kBatchRows) {
    const uint32_t count = std::min(kBatchRows, length - done);
    std::iota(positions.data(), positions.data() + count, begin + done);
    SEXTANT_RETURN_IF_ERROR(column_->EncodeColumn(column.elements(), {positions.data(), count},
                                                  state.values, added + done));
  }
  if (length < 2) return absl::OkStatus();
  std::sort(added, added + length);
  return codes.Resize(first + static_cast<size_t>(std::unique(added, added + length) - added));
}

absl::Status AxisCoder::Absorb(const AxisState& from, AxisState& into,
                               TrackedVector<uint32_t>& remap) const {
  if (kind_ != GroupAxis::Kind::kColumn) return absl::OkStatus();
  return column_->Absorb(from.values, into.values, remap);
}

absl::StatusOr<uint32_t> AxisCoder::AbsorbCode(const AxisState& from, uint32_t code,
                                               AxisState& into) const {
  if (is_dense() || code == 0) return code;
  return column_->AbsorbCode(from.values, code, into.values);
}

AxisCoder::Order AxisCoder::order() const {
  if (kind_ != GroupAxis::Kind::kColumn) return Order::kInteger;
  switch (column_->kind()) {
    case ValueCoder::Kind::kBytes:
    case ValueCoder::Kind::kRank:
      return Order::kText;
    case ValueCoder::Kind::kCode:
      return column_->type().kind == TypeKind::kEnum ? Order::kInteger : Order::kText;
    case ValueCoder::Kind::kWide:
      return Order::kWide;
    default:
      return Order::kInteger;
  }
}

bool AxisCoder::codes_ascend() const {
  if (kind_ != GroupAxis::Kind::kColumn) return true;
  return column_->kind() == ValueCoder::Kind::kDenseInteger || is_ranked() ||
         (column_->kind() == ValueCoder::Kind::kCode && order() == Order::kInteger);
}

int64_t AxisCoder::IntegerKey(const AxisState& state, uint32_t code) const {
  if (kind_ == GroupAxis::Kind::kSets) return code;
  if (kind_ == GroupAxis::Kind::kBins) {
    return float_edges_.empty() ? edges_[code - 1] : FloatOrderKey(float_edges_[code - 1]);
  }
  if (column_->kind() == ValueCoder::Kind::kCode) return code;
  return column_->IntegerOf(state.values, code);
}

int128_t AxisCoder::WideOrderKey(const AxisState& state, uint32_t code) const {
  return state.values.wides.key(code - 1);
}

std::span<const uint32_t> AxisCoder::entries_in_order() const {
  if (order() != Order::kText || column_->kind() != ValueCoder::Kind::kCode) return {};
  const DictionaryOrder* const order = column_->dictionary()->order();
  if (order == nullptr || order->codes().size() + 1 < column_->domain()) return {};
  return order->codes();
}

absl::Status AxisCoder::AppendValue(const AxisState& state, uint32_t code,
                                    MetricValues& values) const {
  if (code == 0) return values.AppendMissing();
  if (kind_ == GroupAxis::Kind::kSets) return values.AppendText(names_[code - 1]);
  if (kind_ == GroupAxis::Kind::kBins) {
    return float_edges_.empty() ? values.AppendInteger(edges_[code - 1])
                                : values.AppendFloat(float_edges_[code - 1]);
  }
  switch (column_->kind()) {
    case ValueCoder::Kind::kCode:
    case ValueCoder::Kind::kRank:
    case ValueCoder::Kind::kBytes:
      return values.AppendText(column_->BytesOf(state.values, code));
    case ValueCoder::Kind::kFloat:
      return values.AppendFloat(column_->FloatOf(state.values, code));
    case ValueCoder::Kind::kWide:
      return values.AppendWide(column_->WideOf(state.values, code));
    default:
      break;
  }
  const int64_t integer = column_->IntegerOf(state.values, code);
  if (values.form != MetricValues::Form::kFloat) return values.AppendInteger(integer);
  return values.AppendFloat(DivideExactly(integer, kMicrosPerSecond));  // a duration, in seconds
}

absl::Status AxisCoder::AppendValues(const AxisState& state, std::span<const uint32_t> codes,
                                     MetricValues& values) const {
  const bool is_column = kind_ == GroupAxis::Kind::kColumn;
  if (is_column && order() == Order::kText) return AppendTexts(state, codes, values);
  if (is_column && column_->kind() == ValueCoder::Kind::kDenseInteger &&
      values.form == MetricValues::Form::kInteger) {
    SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> slots, values.AddIntegers(codes.size()));
    for (size_t i = 0; i < codes.size(); ++i) slots[i] = column_->IntegerOf(state.values, codes[i]);
    return absl::OkStatus();
  }
  Pace pace(AskToGoOn, kValuesPerQuestion);
  for (const uint32_t code : codes) {
    SEXTANT_RETURN_IF_ERROR(pace.Spend(1));
    SEXTANT_RETURN_IF_ERROR(AppendValue(state, code, values));
  }
  return absl::OkStatus();
}

/// Block by block, so that texts that lie anywhere are fetched side by side.
absl::Status AxisCoder::AppendTexts(const AxisState& state, std::span<const uint32_t> codes,
                                    MetricValues& values) const {
  constexpr size_t kBlock = 64;
  std::array<std::string_view, kBlock> texts;
  Pace pace(AskToGoOn, kValuesPerQuestion);
  for (size_t begin = 0; begin < codes.size(); begin += kBlock) {
    const std::span<const uint32_t> block =
        codes.subspan(begin, std::min(kBlock, codes.size() - begin));
    SEXTANT_RETURN_IF_ERROR(pace.Spend(block.size()));
    for (size_t i = 0; i < block.size(); ++i) {
      texts[i] = column_->BytesOf(state.values, block[i]);
      __builtin_prefetch(texts[i].data());
    }
    SEXTANT_RETURN_IF_ERROR(values.AppendTexts({texts.data(), block.size()}));
  }
  return absl::OkStatus();
}

}  // namespace sextant
