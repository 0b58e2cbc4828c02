#pragma once

#include <cstdint>
#include <memory>

#include "compute/column/table.h"

namespace sextant::oracle {

/// The same rows over the same columns, with half of the indexes that it may have: those of columns
/// and chunks whose numbers have an even sum. The copy has them for itself.
std::shared_ptr<const Table> WithHalfOfItsIndexes(const std::shared_ptr<const Table>& table);

/// The same without any index.
std::shared_ptr<const Table> WithoutIndexes(const std::shared_ptr<const Table>& table);

/// Makes every column wanted that may have an order of its values, as queries do.
void WantOrders(const Table& table);

}  // namespace sextant::oracle
