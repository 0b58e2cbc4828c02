#include <algorithm>
#include <array>
#include <limits>

#include "compute/kernels/checked_sort.h"
#include "compute/memory/keep_going.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/aggregate_sharing.h"
#include "compute/operators/morsel.h"
#include "compute/operators/near_packing.h"
#include "compute/operators/row_key_order.h"
#include "compute/operators/sample_source.h"
#include "compute/operators/top_keys_state.h"
#include "compute/operators/top_rows.h"

namespace sextant {
namespace {

/// Whether a value is ordered by itself, its key tells it, and no key is the least or the greatest
/// of int64. Of floats the keys of both zeros are one, and that of NaN is the greatest.
bool KeysSayAll(const AggregateSpec& spec) {
  const BoundValue& value = spec.aggregate.value;
  const BoundValue& order = spec.aggregate.second;
  if (!value.IsColumn() || !order.IsColumn() || value.column != order.column) return false;
  if (!ExtremesAreOrdered(value.type)) return false;
  const ColumnFacts& facts = spec.table.facts(value.column);
  if (facts.layout == Layout::kCode) return true;
  if (!facts.has_bounds) return false;
  if (IsFloat(value.type.kind)) {
    return !facts.has_nan && (facts.min_float > 0 || facts.max_float < 0);
  }
  return facts.min_integer > std::numeric_limits<int64_t>::min() &&
         facts.max_integer < std::numeric_limits<int64_t>::max();
}

/// What the states of one aggregate share.
struct TopSpec {
  explicit TopSpec(const AggregateSpec& spec)
      : shown(spec.aggregate.value, spec.table),
        order(spec.aggregate.second, spec.table),
        ties(spec.table),
        descending(spec.aggregate.descending),
        shown_places{spec.aggregate.is_list, spec.aggregate.first,
                     spec.aggregate.is_list ? spec.aggregate.last : spec.aggregate.first},
        keys_say_all(KeysSayAll(spec)) {}

  /// How many rows of a cell matter; one at least, which tells that there is a sample.
  uint32_t limit() const {
    constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
    return static_cast<uint32_t>(std::clamp<int64_t>(shown_places.last, 1, kMost));
  }

  OrderedValue shown;
  OrderedValue order;
  RowKeyOrder ties;
  bool descending;
  ShownPlaces shown_places;
  bool keys_say_all;  // what TopKeysState requires
};

/// Orders by int64 keys: integers, floats, enums.
struct IntegerOrder {
  using Key = int64_t;
  IntegerOrder(const OrderedValue& order, MemoryBudget& budget) : source(order, budget) {}

  absl::Status Read(const SampleBatch& batch, Key* keys, uint8_t* valid) {
    return source.Read(batch, keys, valid);
  }
  absl::Status Absorb(const IntegerOrder&) { return absl::OkStatus(); }
  Key Remapped(Key key) const { return key; }
  bool Less(Key a, Key b) const { return a < b; }

  KeySource source;
};

/// Decimals of more than 18 digits, uuids and intervals.
struct WideOrder {
  using Key = int128_t;
  WideOrder(const OrderedValue& wide, MemoryBudget&) : order(wide) {}

  absl::Status Read(const SampleBatch& batch, Key* keys, uint8_t* valid) {
    std::array<Wide, kBatchRows> wides;
    order.reader.ReadWides(*batch.chunk, batch.rows, wides.data(), valid);
    for (size_t k = 0; k < batch.rows.size(); ++k) keys[k] = WideKey(order.type, wides[k]);
    return absl::OkStatus();
  }
  absl::Status Absorb(const WideOrder&) { return absl::OkStatus(); }
  Key Remapped(Key key) const { return key; }
  bool Less(Key a, Key b) const { return a < b; }

  const OrderedValue& order;
};

/// Text and bytes, by bytes: keys are codes.
struct TextOrder {
  using Key = uint32_t;
  TextOrder(const OrderedValue& text, MemoryBudget& budget)
      : coder(*text.coder), codes(budget), remap(budget) {}

  absl::Status Read(const SampleBatch& batch, Key* keys, uint8_t* valid) {
    SEXTANT_RETURN_IF_ERROR(coder.Encode(*batch.chunk, batch.rows, codes, keys));
    for (size_t k = 0; k < batch.rows.size(); ++k) valid[k] = keys[k] != 0 ? 1 : 0;
    return absl::OkStatus();
  }
  absl::Status Absorb(const TextOrder& from) { return coder.Absorb(from.codes, codes, remap); }
  Key Remapped(Key code) const { return coder.is_dense() ? code : remap[code]; }
  bool Less(Key a, Key b) const {
    return a != b && coder.BytesOf(codes, a) < coder.BytesOf(codes, b);
  }

  const ValueCoder& coder;
  CodedValues codes;
  TrackedVector<uint32_t> remap;
};

/// Writes the value of single rows: of the few that were kept.
class RowValues {
 public:
  RowValues(const OrderedValue& value, MemoryBudget& budget)
      : value_(value), keys_(value, budget), codes_(budget) {}

  /// NULL where the value is.
  absl::Status Append(const RowOfChunk& row, MetricValues& values) {
    const SampleBatch batch{row.chunk, 0, {&row.row, 1}, nullptr};
    uint8_t valid = 0;
    if (value_.coder && value_.reader.form() != ValueReader::Form::kWide) {
      uint32_t code = 0;
      SEXTANT_RETURN_IF_ERROR(value_.coder->Encode(*row.chunk, batch.rows, codes_, &code));
      return code == 0 ? values.AppendMissing()
                       : values.AppendText(value_.coder->BytesOf(codes_, code));
    }
    if (value_.coder) {
      Wide wide;
      value_.reader.ReadWides(*row.chunk, batch.rows, &wide, &valid);
      return valid == 0 ? values.AppendMissing() : values.AppendWide(wide);
    }
    if (value_.reader.form() == ValueReader::Form::kFloat) {
      double number = 0;
      value_.reader.ReadFloats(*row.chunk, batch.rows, &number, &valid);
      return valid == 0 ? values.AppendMissing() : values.AppendFloat(number);
    }
    int64_t key = 0;
    SEXTANT_RETURN_IF_ERROR(keys_.Read(batch, &key, &valid));
    return valid == 0 ? values.AppendMissing() : keys_.Append(key, values);
  }

 private:
  const OrderedValue& value_;
  KeySource keys_;
  CodedValues codes_;
};

/// (array_agg(x ORDER BY y))[first:last] over the rows whose y is not NULL: the value of the rows
/// that come first, ties by the dataset's key (rule 9).
template <typename Order, template <typename> typename Rows>
class TopState final : public AggregateState {
 public:
  TopState(const TopSpec& spec, MemoryBudget& budget)
      : spec_(spec), budget_(budget), order_(spec.order, budget), top_(spec.limit(), budget) {}

  absl::Status Resize(uint32_t num_cells) override { return top_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<typename Order::Key, kBatchRows> keys;
    std::array<uint8_t, kBatchRows> valid;
    SEXTANT_RETURN_IF_ERROR(order_.Read(batch, keys.data(), valid.data()));
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      if (valid[k] == 0) continue;
      const uint32_t row = batch.rows[k];
      SEXTANT_RETURN_IF_ERROR(top_.Offer(
          batch.cells[k], Entry{keys[k], {batch.chunk, batch.first_ordinal + row, row}}, Better()));
    }
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    const auto& other = static_cast<const TopState&>(from);
    SEXTANT_RETURN_IF_ERROR(order_.Absorb(other.order_));
    Pace pace(keep_going, kEntriesPerQuestion);
    for (size_t cell = 0; cell < other.top_.num_cells(); ++cell) {
      SEXTANT_RETURN_IF_ERROR(pace.Spend(1 + other.top_.entries(cell).size()));
      for (const Entry& entry : other.top_.entries(cell)) {
        SEXTANT_RETURN_IF_ERROR(
            top_.Offer(cell_map[cell], Entry{order_.Remapped(entry.key), entry.row}, Better()));
      }
    }
    return absl::OkStatus();
  }

  bool HasSample(uint32_t cell) const override { return !top_.entries(cell).empty(); }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing keep_going) const override {
    RowValues shown(spec_.shown, budget_);
    TrackedVector<Entry> sorted(budget_);
    Pace pace(keep_going, kEntriesPerQuestion);
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(pace.Spend(1 + top_.entries(cell).size()));
      if (!HasSample(cell)) {
        SEXTANT_RETURN_IF_ERROR(values.AppendMissing());
        continue;
      }
      sorted.Clear();
      SEXTANT_RETURN_IF_ERROR(sorted.AppendSpan(top_.entries(cell)));
      SEXTANT_RETURN_IF_ERROR(SortWithChecks(sorted.span(), Better(), budget_, keep_going));
      SEXTANT_RETURN_IF_ERROR(AppendCell(sorted.span(), shown, values));
    }
    return absl::OkStatus();
  }

 private:
  static constexpr size_t kEntriesPerQuestion = 4096;

  struct Entry {
    typename Order::Key key;
    RowOfChunk row;
  };

  auto Better() const {
    return [this](const Entry& a, const Entry& b) {
      if (order_.Less(a.key, b.key)) return !spec_.descending;
      if (order_.Less(b.key, a.key)) return spec_.descending;
      return spec_.ties.Less(a.row, b.row);
    };
  }

  /// As PostgreSQL's subscripts: outside the array there is no value, and a slice is cut to it.
  absl::Status AppendCell(std::span<const Entry> sorted, RowValues& shown,
                          MetricValues& values) const {
    const auto size = static_cast<int64_t>(sorted.size());
    const auto [is_list, first, last] = spec_.shown_places;
    if (!is_list) {
      if (first < 1 || first > size) return values.AppendMissing();
      return shown.Append(sorted[static_cast<size_t>(first - 1)].row, values);
    }
    for (int64_t i = std::max<int64_t>(first, 1); i <= std::min(last, size); ++i) {
      SEXTANT_RETURN_IF_ERROR(
          shown.Append(sorted[static_cast<size_t>(i - 1)].row, *values.elements));
    }
    return values.AppendList();
  }

  const TopSpec& spec_;
  MemoryBudget& budget_;
  Order order_;
  Rows<Entry> top_;
};

class TopValues final : public Aggregate {
 public:
  explicit TopValues(const AggregateSpec& spec) : spec_(spec) {}

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    if (spec_.keys_say_all) {
      switch (spec_.limit()) {
        case 1:
          return MakeOfKeys<1>(budget);
        case 2:
          return MakeOfKeys<2>(budget);
        case 3:
          return MakeOfKeys<3>(budget);
        case 4:
          return MakeOfKeys<4>(budget);
        default:
          break;
      }
    }
    if (!spec_.order.coder) return Make<IntegerOrder>(budget);
    if (spec_.order.coder->kind() == ValueCoder::Kind::kWide) return Make<WideOrder>(budget);
    return Make<TextOrder>(budget);
  }

  bool is_order_free() const override { return spec_.keys_say_all; }

 private:
  template <size_t kMost>
  std::unique_ptr<AggregateState> MakeOfKeys(MemoryBudget& budget) const {
    if (NearPacking::Holds(spec_.order)) {
      return std::make_unique<TopKeysState<kMost, NearPacking>>(spec_.order, spec_.descending,
                                                                spec_.shown_places, budget);
    }
    return std::make_unique<TopKeysState<kMost, WidePacking>>(spec_.order, spec_.descending,
                                                              spec_.shown_places, budget);
  }
  template <typename Order>
  std::unique_ptr<AggregateState> Make(MemoryBudget& budget) const {
    if (spec_.limit() <= FewTopRows<RowOfChunk>::kMost) {
      return std::make_unique<TopState<Order, FewTopRows>>(spec_, budget);
    }
    return std::make_unique<TopState<Order, TopRows>>(spec_, budget);
  }

  const TopSpec spec_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeTopValues(const AggregateSpec& spec) {
  return std::make_unique<TopValues>(spec);
}

}  // namespace sextant
