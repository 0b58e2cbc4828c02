#include <array>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "compute/kernels/exact_division.h"
#include "compute/kernels/float_order.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/morsel.h"
#include "compute/operators/ordered_state.h"
#include "compute/operators/value_coder.h"

namespace sextant {
namespace {

/// What min and max share: the value, its order, and the metric's direction.
struct ExtremeSpec {
  ExtremeSpec(const AggregateSpec& spec)
      : reader(spec.aggregate.value, spec.table),
        value_type(spec.aggregate.value.type),
        is_max(spec.aggregate.kind == AggregateKind::kMax),
        dictionary(spec.table.facts(spec.aggregate.value.column).dictionary.get()) {
    if (reader.form() == ValueReader::Form::kText) {
      coder.emplace(ValueCoder::OfValue(spec.table, spec.aggregate.value));
    }
  }

  ValueReader reader;
  DataType value_type;
  bool is_max;
  const Dictionary* dictionary;     // of the pinned table
  std::optional<ValueCoder> coder;  // of texts that an expression computes
};

/// Each kind of entry reads its values of a batch, orders them and writes them out.
/// Integers, floats and enums by their int64 key: NaN is greatest, enums in declared order.
struct KeyEntry {
  using Value = int64_t;
  Value value;
  uint64_t has_value;

  static void Read(const ExtremeSpec& spec, const SampleBatch& batch, Value* values,
                   uint8_t* valid) {
    spec.reader.ReadKeys(*batch.chunk, batch.rows, values, valid);
  }
  static bool Less(const ExtremeSpec&, Value a, Value b) { return a < b; }
  static absl::Status Append(const ExtremeSpec& spec, Value value, MetricValues& values) {
    if (spec.reader.form() == ValueReader::Form::kFloat) {
      return values.AppendFloat(FloatOfOrderKey(value));
    }
    if (spec.reader.form() == ValueReader::Form::kCode) {
      return values.AppendText(spec.dictionary->Entry(static_cast<uint32_t>(value)));
    }
    if (spec.value_type.kind == TypeKind::kDuration) {
      return values.AppendFloat(DivideExactly(value, 1'000'000));
    }
    return values.AppendInteger(value);
  }
};

/// Decimals, uuids and intervals by their int128 key; of equal intervals the first one stays.
struct WideEntry {
  struct Value {
    int128_t key;
    Wide shown;
  };
  Value value;
  uint64_t has_value;
  uint64_t padding;

  static void Read(const ExtremeSpec& spec, const SampleBatch& batch, Value* values,
                   uint8_t* valid) {
    std::array<Wide, kBatchRows> wides;
    spec.reader.ReadWides(*batch.chunk, batch.rows, wides.data(), valid);
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      values[k] = {WideKey(spec.value_type, wides[k]), wides[k]};
    }
  }
  static bool Less(const ExtremeSpec&, const Value& a, const Value& b) { return a.key < b.key; }
  static absl::Status Append(const ExtremeSpec&, const Value& value, MetricValues& values) {
    return values.AppendWide(value.shown);
  }
};

/// Texts and bytes, by bytes (rule 7). They stay where they are: in the dictionary or the columns
/// of the pinned table.
struct TextEntry {
  using Value = std::string_view;
  Value value;
  uint64_t has_value;

  static void Read(const ExtremeSpec& spec, const SampleBatch& batch, Value* values,
                   uint8_t* valid) {
    spec.reader.ReadValidity(*batch.chunk, batch.rows, valid);
    const Column& column = batch.chunk->column(spec.reader.column());
    const bool is_coded = spec.reader.form() == ValueReader::Form::kCode;
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      if (valid[k] == 0) continue;
      values[k] = is_coded ? spec.dictionary->Entry(column.CodeAt(batch.rows[k]))
                           : column.BytesAt(batch.rows[k]);
    }
  }
  static bool Less(const ExtremeSpec&, Value a, Value b) { return a < b; }
  static absl::Status Append(const ExtremeSpec&, Value value, MetricValues& values) {
    return values.AppendText(value);
  }
};

template <typename Entry>
class ExtremeState final : public AggregateState {
 public:
  ExtremeState(const ExtremeSpec& spec, MemoryBudget& budget) : spec_(spec), cells_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return cells_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<typename Entry::Value, kBatchRows> values;
    std::array<uint8_t, kBatchRows> valid;
    Entry::Read(spec_, batch, values.data(), valid.data());
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      if (valid[k] != 0) Add(batch.cells[k], values[k]);
    }
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    const auto& other = static_cast<const ExtremeState&>(from);
    return MergeCells(other.cells_.size(), keep_going, [&](size_t cell) {
      if (other.cells_[cell].has_value != 0) Add(cell_map[cell], other.cells_[cell].value);
    });
  }

  bool HasSample(uint32_t cell) const override { return cells_[cell].has_value != 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(HasSample(cell) ? Entry::Append(spec_, cells_[cell].value, values)
                                              : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 private:
  void Add(uint32_t cell, const typename Entry::Value& value) {
    Entry& best = cells_[cell];
    const bool is_better =
        best.has_value == 0 || (spec_.is_max ? Entry::Less(spec_, best.value, value)
                                             : Entry::Less(spec_, value, best.value));
    if (is_better) best.value = value;
    best.has_value = 1;
  }

  const ExtremeSpec& spec_;
  TrackedVector<Entry> cells_;
};

/// Texts that an expression computes, by bytes: the state keeps each distinct one.
class ComputedTextState final : public AggregateState {
 public:
  ComputedTextState(const ExtremeSpec& spec, MemoryBudget& budget)
      : spec_(spec), texts_(budget), remap_(budget), best_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return best_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<uint32_t, kBatchRows> codes;
    SEXTANT_RETURN_IF_ERROR(spec_.coder->Encode(*batch.chunk, batch.rows, texts_, codes.data()));
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      if (codes[k] != 0) Add(batch.cells[k], codes[k]);
    }
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    const auto& other = static_cast<const ComputedTextState&>(from);
    SEXTANT_RETURN_IF_ERROR(spec_.coder->Absorb(other.texts_, texts_, remap_));
    return MergeCells(other.best_.size(), keep_going, [&](size_t cell) {
      if (other.best_[cell] != 0) Add(cell_map[cell], remap_[other.best_[cell]]);
    });
  }

  bool HasSample(uint32_t cell) const override { return best_[cell] != 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(HasSample(cell) ? values.AppendText(TextOf(best_[cell]))
                                              : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 private:
  std::string_view TextOf(uint32_t code) const { return spec_.coder->BytesOf(texts_, code); }

  void Add(uint32_t cell, uint32_t code) {
    uint32_t& best = best_[cell];
    if (best == code) return;
    const bool is_better =
        best == 0 || (spec_.is_max ? TextOf(best) < TextOf(code) : TextOf(code) < TextOf(best));
    if (is_better) best = code;
  }

  const ExtremeSpec& spec_;
  CodedValues texts_;
  TrackedVector<uint32_t> remap_;
  TrackedVector<uint32_t> best_;  // code by cell; 0: no sample
};

class Extreme final : public Aggregate {
 public:
  explicit Extreme(const AggregateSpec& spec) : spec_(spec), kind_(spec.aggregate.kind) {}

  std::unique_ptr<AggregateState> MakeView(AggregateState& leader) const override {
    return MakeOrderedView(leader, {.kind = kind_});
  }

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    switch (spec_.reader.form()) {
      case ValueReader::Form::kWide:
        return std::make_unique<ExtremeState<WideEntry>>(spec_, budget);
      case ValueReader::Form::kText:
        return std::make_unique<ComputedTextState>(spec_, budget);
      case ValueReader::Form::kBytes:
        return std::make_unique<ExtremeState<TextEntry>>(spec_, budget);
      case ValueReader::Form::kCode:
        if (spec_.value_type.kind != TypeKind::kEnum) {
          return std::make_unique<ExtremeState<TextEntry>>(spec_, budget);
        }
        [[fallthrough]];
      default:
        return std::make_unique<ExtremeState<KeyEntry>>(spec_, budget);
    }
  }
  /// Of equal intervals the first is shown.
  bool is_order_free() const override { return spec_.reader.form() != ValueReader::Form::kWide; }

 private:
  const ExtremeSpec spec_;
  const AggregateKind kind_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeExtreme(const AggregateSpec& spec) {
  if (std::unique_ptr<Aggregate> packed = MakePackedExtreme(spec)) return packed;
  return std::make_unique<Extreme>(spec);
}

}  // namespace sextant
