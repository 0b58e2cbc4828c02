#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "compute/kernels/gather.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/cell_table.h"
#include "compute/operators/morsel.h"
#include "compute/operators/number_reader.h"
#include "compute/operators/word_batch.h"

namespace sextant {
namespace {

/// A column of integers as how far they are above its least one: neither the spread of x and y nor
/// what they have in common changes.
struct OffsetColumn {
  ValueReader reader;
  int64_t least = 0;
  uint64_t span = 0;

  ReadOutcome Read(const SampleBatch& batch, uint32_t* offsets, uint8_t* valid) const {
    return reader.ReadOffsets(*batch.chunk, batch.rows, least, offsets, valid);
  }
};

std::optional<OffsetColumn> OffsetColumnOf(const BoundValue& value, const Table& table) {
  ValueReader reader(value, table);
  if (!reader.is_column() || reader.form() != ValueReader::Form::kInteger) return std::nullopt;
  const ColumnFacts& facts = table.facts(reader.column());
  if (NumberScale(value.type) != 0 || !facts.has_bounds) return std::nullopt;
  const uint64_t span =
      static_cast<uint64_t>(facts.max_integer) - static_cast<uint64_t>(facts.min_integer);
  return OffsetColumn{std::move(reader), facts.min_integer, span};
}

/// Sums over the pairs of a cell, each proven to fit its field.
struct PairFields {
  WordField count;
  WordField x;
  WordField y;
  WordField xx;
  WordField xy;
  WordField yy;
  uint32_t num_words = 0;
};

/// nullopt: what is added up may be too large.
std::optional<PairFields> FieldsOf(uint64_t span_x, uint64_t span_y, uint64_t num_rows) {
  constexpr uint64_t kMaxSpan = 0xFFFFFFFF;  // products fit a word
  if (span_x > kMaxSpan || span_y > kMaxSpan) return std::nullopt;
  WordLayout layout;
  PairFields fields;
  const auto add = [&](uint64_t max_addend, WordField& field) {
    const std::optional<WordField> added = layout.Add(BitsOfSum(max_addend, num_rows));
    if (added) field = *added;
    return added.has_value();
  };
  const bool all = add(1, fields.count) && add(span_x, fields.x) && add(span_y, fields.y) &&
                   add(span_x * span_x, fields.xx) && add(span_x * span_y, fields.xy) &&
                   add(span_y * span_y, fields.yy);
  fields.num_words = layout.num_words();
  return all ? std::optional(fields) : std::nullopt;
}

/// Nothing where the line is vertical, or for corr horizontal, as in PostgreSQL. Sums of squares
/// and products of differences from the means, times the count, are exact; what is made of them is
/// rounded.
std::optional<double> ValueOf(AggregateKind kind, const PairFields& fields, const uint64_t* cell) {
  const int128_t count = fields.count.Of(cell);
  const int128_t x = fields.x.Of(cell);
  const int128_t y = fields.y.Of(cell);
  const auto squares_x = static_cast<double>(count * fields.xx.Of(cell) - x * x);
  const auto squares_y = static_cast<double>(count * fields.yy.Of(cell) - y * y);
  const auto products = static_cast<double>(count * fields.xy.Of(cell) - x * y);
  if (squares_x == 0) return std::nullopt;  // also of no pair, and of one
  if (kind == AggregateKind::kRegrSlope) return products / squares_x;
  if (kind == AggregateKind::kCorr) {
    if (squares_y == 0) return std::nullopt;
    return products / std::sqrt(squares_x * squares_y);
  }
  if (squares_y == 0) return 1.0;
  return (products * products) / (squares_x * squares_y);
}

struct PairColumns {
  AggregateKind kind;
  OffsetColumn y;
  OffsetColumn x;
  PairFields fields;
};

class ExactRegressionState final : public AggregateState {
 public:
  ExactRegressionState(const PairColumns& pairs, MemoryBudget& budget)
      : pairs_(pairs), cells_({pairs.fields.num_words, 0}, budget) {}

  absl::Status Resize(uint32_t num_cells) override { return cells_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<uint32_t, kBatchRows> xs;
    std::array<uint32_t, kBatchRows> ys;
    std::array<uint8_t, kBatchRows> valid;
    std::array<uint8_t, kBatchRows> y_valid;
    const ReadOutcome of_x = pairs_.x.Read(batch, xs.data(), valid.data());
    const ReadOutcome of_y = pairs_.y.Read(batch, ys.data(), y_valid.data());
    const size_t num_rows = batch.rows.size();
    if (of_x.all_valid && of_y.all_valid) {
      Add(xs.data(), ys.data(), {batch.cells, num_rows});
      return absl::OkStatus();
    }
    for (size_t k = 0; k < num_rows; ++k) valid[k] &= y_valid[k];
    std::array<uint32_t, kBatchRows> cells;
    std::copy_n(batch.cells, num_rows, cells.data());
    const size_t kept = Compact(valid.data(), num_rows, cells.data());
    Compact(valid.data(), num_rows, xs.data());
    Compact(valid.data(), num_rows, ys.data());
    Add(xs.data(), ys.data(), {cells.data(), kept});
    return absl::OkStatus();
  }

  absl::Status Seal(KeepGoing) override {
    cells_.Fold();
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    return cells_.Merge(static_cast<ExactRegressionState&>(from).cells_, cell_map, keep_going);
  }

  bool HasSample(uint32_t cell) const override { return pairs_.fields.count.Of(cells_[cell]) != 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    for (const uint32_t cell : cells) {
      const std::optional<double> value = ValueOf(pairs_.kind, pairs_.fields, cells_[cell]);
      SEXTANT_RETURN_IF_ERROR(value ? values.AppendFloat(*value) : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 private:
  void Add(const uint32_t* xs, const uint32_t* ys, std::span<const uint32_t> cell_of) {
    const PairFields& fields = pairs_.fields;
    WordBatch::Words constants{};
    constants[fields.count.word] = uint64_t{1} << fields.count.shift;
    WordBatch words;
    words.Start(constants, cell_of.size());
    const std::span<const uint32_t> all = RunOfRows(0, cell_of.size());
    words.AddSlots(xs, all, fields.x);
    words.AddSlots(ys, all, fields.y);
    words.AddProducts(xs, xs, fields.xx);
    words.AddProducts(xs, ys, fields.xy);
    words.AddProducts(ys, ys, fields.yy);
    CellAddends addends;
    words.Finish(fields.num_words, addends);
    cells_.Add(addends, cell_of);
  }

  const PairColumns& pairs_;
  CellTable cells_;
};

class ExactRegression final : public Aggregate {
 public:
  explicit ExactRegression(PairColumns pairs) : pairs_(std::move(pairs)) {}
  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    return std::make_unique<ExactRegressionState>(pairs_, budget);
  }
  bool is_order_free() const override { return true; }

 private:
  const PairColumns pairs_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeExactRegression(const AggregateSpec& spec) {
  std::optional<OffsetColumn> y = OffsetColumnOf(spec.aggregate.value, spec.table);
  std::optional<OffsetColumn> x = OffsetColumnOf(spec.aggregate.second, spec.table);
  if (!y || !x) return nullptr;
  const std::optional<PairFields> fields = FieldsOf(x->span, y->span, spec.num_rows);
  if (!fields) return nullptr;
  return std::make_unique<ExactRegression>(
      PairColumns{spec.aggregate.kind, *std::move(y), *std::move(x), *fields});
}

}  // namespace sextant
