#include "compute/exec/row_order.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "compute/exec/checked_sort.h"
#include "compute/exec/metric_order.h"
#include "compute/kernels/bin_sort.h"
#include "compute/kernels/float_order.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr uint64_t kSignBit = uint64_t{1} << 63;

class RowSorter {
 public:
  RowSorter(QueryContext& context, const BoundQuery& query, const FinishedRows& cells,
            std::span<const int64_t> starts)
      : context_(context), keys_(query.order_by), cells_(cells), starts_(starts) {
    metrics_.resize(keys_.size());
    for (size_t i = 0; i < keys_.size(); ++i) {
      if (keys_[i].target != BoundOrder::Target::kMetric) continue;
      metrics_[i].emplace(OrderOf(query, keys_[i].index, ValuesOf(keys_[i]), keys_[i].descending));
    }
  }

  absl::Status Sort(std::span<uint32_t> rows) const {
    if (!IsNumber(keys_[0])) return SortWithChecks(context_, rows, LessFrom(0));
    TrackedVector<KeyedItem> items(context_.budget());
    SEXTANT_RETURN_IF_ERROR(items.Reserve(rows.size()));
    size_t num_missing = 0;  // they move to the front of `rows`
    SEXTANT_RETURN_IF_ERROR(ForBlocks(rows.size(), AskToGoOn, [&](size_t begin, size_t end) {
      for (const uint32_t row : rows.subspan(begin, end - begin)) {
        if (IsMissing(keys_[0], row)) {
          rows[num_missing++] = row;
        } else {
          items.AppendUnchecked({.item = row, .key = NumberOf(keys_[0], row)});
        }
      }
    }));
    SEXTANT_RETURN_IF_ERROR(
        SortManyKeys(items.span(), context_.budget(), [this] { return context_.Check(); }));
    std::copy_backward(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(num_missing),
                       rows.end());
    for (size_t i = 0; i < items.size(); ++i) rows[i] = static_cast<uint32_t>(items[i].item);
    return keys_.size() > 1 ? SortEqualRows(items.span(), rows) : absl::OkStatus();
  }

 private:
  const MetricValues& ValuesOf(const BoundOrder& key) const {
    return cells_.values[cells_.metrics[key.index]];
  }

  bool IsNumber(const BoundOrder& key) const {
    if (key.target != BoundOrder::Target::kMetric) return true;
    const MetricValues::Form form = ValuesOf(key).form;
    return form == MetricValues::Form::kInteger || form == MetricValues::Form::kFloat;
  }
  bool IsMissing(const BoundOrder& key, uint32_t row) const {
    switch (key.target) {
      case BoundOrder::Target::kAxis: {
        const AxisColumn& axis = cells_.axes[key.index];
        return axis.values.valid[axis.ranks[row]] == 0;
      }
      case BoundOrder::Target::kMetric:
        return ValuesOf(key).valid[row] == 0;
      default:
        return false;
    }
  }
  /// Ascends as rows are ordered. REQUIRES: IsNumber, and the row is not missing.
  uint64_t NumberOf(const BoundOrder& key, uint32_t row) const {
    const uint64_t number = static_cast<uint64_t>(IntegerOf(key, row)) ^ kSignBit;
    return key.descending ? ~number : number;
  }
  int64_t IntegerOf(const BoundOrder& key, uint32_t row) const {
    switch (key.target) {
      case BoundOrder::Target::kAxis:
        return cells_.axes[key.index].ranks[row];
      case BoundOrder::Target::kStart:
        return starts_[cells_.intervals[row]];
      default:
        break;
    }
    const MetricValues& values = ValuesOf(key);
    return values.form == MetricValues::Form::kFloat ? FloatOrderKey(values.floats[row])
                                                     : values.integers[row];
  }

  /// Whether row `a` is before `b`, by the keys from `first` on.
  bool Less(size_t first, uint32_t a, uint32_t b) const {
    for (size_t i = first; i < keys_.size(); ++i) {
      const int compared = metrics_[i] ? metrics_[i]->Compare(a, b) : Compare(keys_[i], a, b);
      if (compared != 0) return compared < 0;
    }
    return a < b;
  }
  struct LessRow {
    const RowSorter& sorter;
    size_t first;  // key
    bool operator()(uint32_t a, uint32_t b) const { return sorter.Less(first, a, b); }
  };
  LessRow LessFrom(size_t first) const { return {*this, first}; }
  /// By an axis or the start.
  int Compare(const BoundOrder& key, uint32_t a, uint32_t b) const {
    const bool is_missing = IsMissing(key, a);
    if (is_missing || IsMissing(key, b)) return CompareValues(is_missing, IsMissing(key, b));
    return CompareValues(NumberOf(key, a), NumberOf(key, b));
  }

  /// By the keys behind the first, of which `rows` have the numbers in `items`, or none at the end.
  absl::Status SortEqualRows(std::span<const KeyedItem> items, std::span<uint32_t> rows) const {
    const auto has_same_key = [&](size_t i) { return items[i].key == items[i - 1].key; };
    SEXTANT_RETURN_IF_ERROR(
        SortRuns(context_, rows.first(items.size()), has_same_key, LessFrom(1)));
    return SortWithChecks(context_, rows.subspan(items.size()), LessFrom(1));
  }

  QueryContext& context_;
  const std::vector<BoundOrder>& keys_;
  const FinishedRows& cells_;
  const std::span<const int64_t> starts_;
  std::vector<std::optional<MetricOrder>> metrics_;  // per key that is a metric
};

}  // namespace

absl::Status OrderRows(QueryContext& context, const BoundQuery& query, const FinishedRows& cells,
                       std::span<const int64_t> starts, std::span<uint32_t> rows) {
  return RowSorter(context, query, cells, starts).Sort(rows);
}

}  // namespace sextant
