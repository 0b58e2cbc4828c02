#pragma once

#include <memory>
#include <utility>

#include "compute/exec/text_ranking.h"
#include "compute/memory/check.h"

namespace sextant {

/// The ranks of the texts of a column, by all steps. Ends the test program where one fails.
inline std::unique_ptr<const TextRanks> TextRanksOf(const Table& table, ColumnIndex column,
                                                    MemoryBudget& budget) {
  TextRanker ranker(table, column, budget);
  while (true) {
    auto ranks = ranker.Step();
    SEXTANT_CHECK(ranks.ok()) << ranks.status();
    if (*ranks != nullptr) return *std::move(ranks);
  }
}

}  // namespace sextant
