#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "compute/operators/aggregate.h"
#include "compute/operators/cell_overflow.h"
#include "compute/operators/morsel.h"
#include "compute/operators/number_reader.h"

namespace sextant {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool Overflows(double result, double a, double b) {
  return std::isinf(result) && !std::isinf(a) && !std::isinf(b);
}

/// The difference of two means. Of one fraction: means of many large values that hardly differ
/// would lose the digits in which they do.
double MeansApart(double sum, double count, double next_sum, double next_count) {
  const double cross = sum * next_count - next_sum * count;
  if (!std::isfinite(cross)) return sum / count - next_sum / next_count;
  return cross / (count * next_count);
}

/// Sums over pairs (y, x), by Youngs and Cramer, operation by operation as PostgreSQL does it:
/// pairs in row order, the next range of rows added as a whole (rule 4). Squares and products are
/// of differences from the means.
struct PairMoments {
  double count = 0;
  double sum_x = 0;
  double squares_x = 0;
  double sum_y = 0;
  double squares_y = 0;
  double products = 0;
  double first_x = 0;
  double first_y = 0;
  uint32_t varies_x = 0;  // some x is not the first one
  uint32_t varies_y = 0;
  uint64_t overflows = 0;  // finite values led to an infinity

  void Add(double y, double x) {
    const PairMoments before = *this;
    count += 1;
    sum_x += x;
    sum_y += y;
    if (before.count == 0) {
      first_x = x;
      first_y = y;
      if (!std::isfinite(x)) squares_x = products = kNan;
      if (!std::isfinite(y)) squares_y = products = kNan;
      return;
    }
    varies_x |= x != first_x ? 1 : 0;
    varies_y |= y != first_y ? 1 : 0;
    const double spread_x = x * count - sum_x;
    const double spread_y = y * count - sum_y;
    const double scale = 1.0 / (count * before.count);
    squares_x += spread_x * spread_x * scale;
    squares_y += spread_y * spread_y * scale;
    products += spread_x * spread_y * scale;
    if (std::isfinite(sum_x + sum_y) && std::isfinite(squares_x + squares_y + products)) return;
    NoteInfinities(before, y, x);
  }

  void Merge(const PairMoments& next) {
    if (next.count == 0) return;
    if (count == 0) {
      *this = next;
      return;
    }
    const PairMoments before = *this;
    count += next.count;
    const double spread_x = MeansApart(before.sum_x, before.count, next.sum_x, next.count);
    const double spread_y = MeansApart(before.sum_y, before.count, next.sum_y, next.count);
    const double weight = before.count * next.count;
    varies_x |= next.varies_x | (next.first_x != first_x ? 1 : 0);
    varies_y |= next.varies_y | (next.first_y != first_y ? 1 : 0);
    sum_x += next.sum_x;
    sum_y += next.sum_y;
    squares_x = before.squares_x + next.squares_x + weight * spread_x * spread_x / count;
    squares_y = before.squares_y + next.squares_y + weight * spread_y * spread_y / count;
    products = before.products + next.products + weight * spread_x * spread_y / count;
    const bool is_overflow = Overflows(sum_x, before.sum_x, next.sum_x) ||
                             Overflows(sum_y, before.sum_y, next.sum_y) ||
                             Overflows(squares_x, before.squares_x, next.squares_x) ||
                             Overflows(squares_y, before.squares_y, next.squares_y) ||
                             Overflows(products, before.products, next.products);
    overflows += next.overflows + (is_overflow ? 1 : 0);
  }

 private:
  /// Some sum is not finite: because it overflowed, or because of an x or y that is not.
  void NoteInfinities(const PairMoments& before, double y, double x) {
    const bool finite_x = !std::isinf(before.sum_x) && !std::isinf(x);
    const bool finite_y = !std::isinf(before.sum_y) && !std::isinf(y);
    const bool is_overflow = ((std::isinf(sum_x) || std::isinf(squares_x)) && finite_x) ||
                             ((std::isinf(sum_y) || std::isinf(squares_y)) && finite_y) ||
                             (std::isinf(products) && finite_x && finite_y);
    overflows += is_overflow ? 1 : 0;
    for (double* sum : {&squares_x, &squares_y, &products}) {
      if (std::isinf(*sum)) *sum = kNan;
    }
  }
};

/// `pairs` without what rounding makes of equal values: PostgreSQL 15 may take it for a spread, and
/// then for a correlation.
PairMoments WithoutNoise(PairMoments pairs) {
  if (pairs.varies_x == 0 && !std::isnan(pairs.squares_x)) pairs.squares_x = 0;
  if (pairs.varies_y == 0 && !std::isnan(pairs.squares_y)) pairs.squares_y = 0;
  const bool is_flat = pairs.squares_x == 0 || pairs.squares_y == 0;
  if (is_flat && !std::isnan(pairs.products)) pairs.products = 0;
  return pairs;
}

/// Nothing where the line is vertical, or for corr horizontal, as in PostgreSQL.
std::optional<double> ValueOf(AggregateKind kind, const PairMoments& noisy_pairs) {
  const PairMoments pairs = WithoutNoise(noisy_pairs);
  if (pairs.count < 1 || pairs.squares_x == 0) return std::nullopt;
  if (kind == AggregateKind::kRegrSlope) return pairs.products / pairs.squares_x;
  if (kind == AggregateKind::kCorr) {
    if (pairs.squares_y == 0) return std::nullopt;
    return pairs.products / std::sqrt(pairs.squares_x * pairs.squares_y);
  }
  if (pairs.squares_y == 0) return 1.0;
  return (pairs.products * pairs.products) / (pairs.squares_x * pairs.squares_y);
}

/// corr(y, x), regr_slope(y, x), regr_r2(y, x) over the rows in which neither is NULL.
class RegressionState final : public AggregateState {
 public:
  RegressionState(const BoundAggregate& aggregate, const NumberReader& y, const NumberReader& x,
                  MemoryBudget& budget)
      : aggregate_(aggregate), y_(y), x_(x), cells_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return cells_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<double, kBatchRows> ys;
    std::array<double, kBatchRows> xs;
    std::array<uint8_t, kBatchRows> y_valid;
    std::array<uint8_t, kBatchRows> x_valid;
    y_.Read(batch, ys.data(), y_valid.data());
    x_.Read(batch, xs.data(), x_valid.data());
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      if ((y_valid[k] & x_valid[k]) != 0) cells_[batch.cells[k]].Add(ys[k], xs[k]);
    }
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    const auto& other = static_cast<const RegressionState&>(from);
    return MergeCells(other.cells_.size(), keep_going,
                      [&](size_t cell) { cells_[cell_map[cell]].Merge(other.cells_[cell]); });
  }

  bool HasSample(uint32_t cell) const override { return cells_[cell].count > 0; }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    for (const uint32_t cell : cells) {
      if (cells_[cell].overflows != 0) {
        return CellOverflow(aggregate_.metric, "sums of products", "double precision");
      }
      const std::optional<double> value = ValueOf(aggregate_.kind, cells_[cell]);
      SEXTANT_RETURN_IF_ERROR(value ? values.AppendFloat(*value) : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 private:
  const BoundAggregate& aggregate_;
  const NumberReader& y_;
  const NumberReader& x_;
  TrackedVector<PairMoments> cells_;
};

class Regression final : public Aggregate {
 public:
  explicit Regression(const AggregateSpec& spec)
      : aggregate_(spec.aggregate),
        y_(spec.aggregate.value, spec.table),
        x_(spec.aggregate.second, spec.table) {}
  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    return std::make_unique<RegressionState>(aggregate_, y_, x_, budget);
  }

 private:
  const BoundAggregate aggregate_;
  const NumberReader y_;
  const NumberReader x_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeRegression(const AggregateSpec& spec) {
  if (std::unique_ptr<Aggregate> exact = MakeExactRegression(spec)) return exact;
  return std::make_unique<Regression>(spec);
}

}  // namespace sextant
