#include "compute/column/order_demand.h"

#include <algorithm>

namespace sextant {

OrderDemand::OrderDemand(uint32_t num_columns, uint64_t num_rows)
    : rows_until_wanted_(std::max<uint64_t>(num_rows * kScansUntilWanted, 1)),
      compared_(new std::atomic<uint64_t>[num_columns]()) {}

void OrderDemand::Note(ColumnIndex column, uint64_t num_rows) const {
  const uint64_t before = compared_[column].fetch_add(num_rows, std::memory_order_relaxed);
  const bool is_news = before < rows_until_wanted_ && before + num_rows >= rows_until_wanted_;
  if (is_news) has_news_.store(true, std::memory_order_release);
}

}  // namespace sextant
