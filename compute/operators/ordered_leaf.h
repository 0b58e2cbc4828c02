#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "compute/column/chunk.h"
#include "compute/column/order_demand.h"
#include "compute/kernels/vector_selection.h"
#include "compute/operators/order_search.h"
#include "compute/operators/predicate_step.h"
#include "compute/operators/value_ordering.h"

namespace sextant {

/// Looks on while a condition is tested row by row, and tells the demand where a ValueOrder would
/// have found its rows for half of the work, and there is none.
class TestedRows {
 public:
  /// `row_cost` as in PredicateStep::cost, of a row of a selection that has most rows.
  TestedRows(const OrderDemand& demand, const Chunk& chunk, ColumnIndex column, double row_cost,
             Selection selection)
      : column_(column), num_rows_(64 * (selection.last - selection.first)), selection_(selection) {
    // Small chunks are tested before an order is found.
    if (num_rows_ < kLeastRows || demand.IsWanted(column)) return;
    if (chunk.order(column) != nullptr || !MayBeOrdered(chunk.column(column))) return;
    demand_ = &demand;
    row_cost_ = row_cost;
    num_tested_ = CountSelected(selection);
  }
  ~TestedRows() {
    if (demand_ == nullptr || 2 * num_tested_ < num_rows_) return;
    const size_t num_kept = CountSelected(selection_);
    const double part = static_cast<double>(std::min(num_kept, num_tested_ - num_kept)) /
                        static_cast<double>(num_tested_);
    const double cost = OrderSearch::CostOf(part * num_rows_, num_rows_);
    if (2 * cost < row_cost_ * num_rows_) demand_->Note(column_, num_rows_);
  }
  TestedRows(const TestedRows&) = delete;
  TestedRows& operator=(const TestedRows&) = delete;

 private:
  static constexpr uint32_t kLeastRows = 4096;

  const OrderDemand* demand_ = nullptr;  // null: nothing to tell
  const ColumnIndex column_;
  const uint32_t num_rows_;  // of the words
  const Selection selection_;
  double row_cost_ = 0;
  size_t num_tested_ = 0;
};

/// A leaf that may find its rows by a ValueOrder, where that costs less than what `Leaf` does.
/// Leaf is a PredicateStep with
///   ColumnIndex column() const;
///   auto order_search() const;                    OrderSearch of its condition
///   double row_cost(const Column&) const;         of a test of every row, each
template <typename Leaf>
class OrderedLeaf final : public PredicateStep {
 public:
  OrderedLeaf(Leaf leaf, const OrderDemand& demand) : leaf_(std::move(leaf)), demand_(demand) {}

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch& scratch) const override {
    const Column& column = chunk.column(leaf_.column());
    const double row_cost = leaf_.row_cost(column);
    const auto search = leaf_.order_search();
    if (search.IsDecidedByBounds(column)) return leaf_.Narrow(chunk, selection, scratch);
    if (const ValueOrder* order = chunk.order(leaf_.column())) {
      if (!LosesToTests(search.Find(*order, column).cost, row_cost, selection)) {
        scratch.by_index = true;
        return search.Narrow(*order, column, selection);
      }
    }
    const TestedRows tested(demand_, chunk, leaf_.column(), row_cost, selection);
    leaf_.Narrow(chunk, selection, scratch);
  }
  void RuleOut(const Chunk& chunk, Selection selection) const override {
    leaf_.RuleOut(chunk, selection);
  }
  ZoneVerdict Judge(const Chunk& chunk) const override { return leaf_.Judge(chunk); }
  StepEstimate Estimate(const Chunk& chunk) const override {
    const ValueOrder* const order = chunk.order(leaf_.column());
    if (order == nullptr) return leaf_.Estimate(chunk);
    const Column& column = chunk.column(leaf_.column());
    const OrderedRows found = leaf_.order_search().Find(*order, column);
    const double num_rows = column.num_rows();
    return {found.num_kept / std::max(num_rows, 1.0),
            std::min(found.cost, leaf_.row_cost(column) * num_rows)};
  }
  int cost() const override { return leaf_.cost(); }

 private:
  /// Whether a test of the selected rows costs less than `order_cost`.
  static bool LosesToTests(double order_cost, double row_cost, Selection selection) {
    constexpr double kCountCost = 2;  // of a word whose rows are counted
    const double num_words = selection.last - selection.first;
    if (order_cost >= row_cost * 64 * num_words) return true;
    if (order_cost <= kCountCost * num_words) return false;
    const auto num_selected = static_cast<double>(CountSelected(selection));
    return num_words + num_selected * std::max<double>(row_cost, kRangeCost) < order_cost;
  }

  const Leaf leaf_;
  const OrderDemand& demand_;
};

}  // namespace sextant
