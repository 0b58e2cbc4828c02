#include "tests/testing/run_lane.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "compute/kernels/row_runs.h"
#include "compute/memory/check.h"
#include "compute/operators/aggregate_sharing.h"
#include "compute/operators/fused_extremes.h"
#include "compute/operators/fused_sums.h"
#include "compute/operators/morsel.h"
#include "compute/operators/spread_sums.h"
#include "tests/testing/table_of.h"

namespace sextant {

BoundQuery LaneQueryOf(std::vector<BoundAggregate> aggregates) {
  BoundQuery query;
  query.aggregates = std::move(aggregates);
  query.datasets.emplace_back();
  for (uint32_t i = 0; i < query.aggregates.size(); ++i) {
    query.datasets[0].aggregates.push_back(i);
  }
  return query;
}

Lane::Lane(const BoundQuery& query, const Table& table, bool is_fused, bool is_ungrouped)
    : aggregates(query.aggregates.size()), leaders(query.aggregates.size()) {
  const std::vector<uint32_t>& all = query.datasets[0].aggregates;
  FindLeaders(query, 0, all, leaders);
  constexpr bool has_few_cells = false;
  if (is_fused) {
    const FusedLane lane = {
        query, 0, table, table.num_rows(), is_ungrouped, has_few_cells, kLeastBinnedRows, all};
    LeadSumsBySpreads(lane, leaders);
    FuseSums(lane, aggregates, leaders);
    FuseExtremes(lane, aggregates, leaders);
  }
  num_fused = static_cast<size_t>(std::count_if(aggregates.begin(), aggregates.end(),
                                                [](const auto& one) { return one != nullptr; }));
  for (size_t i = 0; i < aggregates.size(); ++i) {
    if (aggregates[i] != nullptr) continue;
    aggregates[i] = MakeAggregate({query.aggregates[i], table, table.num_rows(), is_ungrouped});
  }
}

namespace {

using States = std::vector<std::unique_ptr<AggregateState>>;

void UpdateChunks(const Table& table, const LaneRows& rows, uint32_t first_chunk,
                  uint32_t last_chunk, States& states) {
  for (uint32_t index = first_chunk; index < last_chunk; ++index) {
    const Chunk& chunk = table.chunk(index);
    const uint64_t first_row = table.first_row(index);
    for (uint32_t begin = 0; begin < chunk.num_rows(); begin += kBatchRows) {
      const uint32_t end = std::min(begin + kBatchRows, chunk.num_rows());
      std::vector<uint32_t> scattered;
      for (uint32_t row = begin; row < end; row += rows.stride) scattered.push_back(row);
      std::vector<uint32_t> cells;
      for (const uint32_t row : scattered) cells.push_back(rows.cells[first_row + row]);
      const std::span<const uint32_t> batch =
          rows.stride == 1 ? RunOfRows(begin, end - begin) : std::span<const uint32_t>(scattered);
      for (const auto& state : states) {
        SEXTANT_CHECK(state->Update({&chunk, first_row, batch, cells.data()}).ok());
      }
    }
  }
}

}  // namespace

std::string ExactText(const MetricValues& values, size_t position) {
  if (values.valid[position] == 0) return "-";
  switch (values.form) {
    case MetricValues::Form::kInteger:
      return absl::StrCat(values.integers[position]);
    case MetricValues::Form::kFloat:
      return absl::StrCat(values.floats[position], " ",
                          absl::Hex(std::bit_cast<uint64_t>(values.floats[position])));
    default:
      return absl::StrCat(values.wides[position].high, ":", values.wides[position].low);
  }
}

std::vector<std::string> LaneAnswers(const BoundQuery& query, const Table& table, const Lane& lane,
                                     const LaneRows& rows) {
  States whole = MakeSharedStates(lane.aggregates, lane.leaders, TestBudget());
  States next = MakeSharedStates(lane.aggregates, lane.leaders, TestBudget());
  const uint32_t middle = table.num_chunks() / 2;
  for (States* states : {&whole, &next}) {
    for (const auto& state : *states) {  // in two steps, as cells come
      SEXTANT_CHECK(state->Resize((rows.num_cells + 1) / 2).ok());
      SEXTANT_CHECK(state->Resize(rows.num_cells).ok());
    }
  }
  UpdateChunks(table, rows, 0, middle, whole);
  UpdateChunks(table, rows, middle, table.num_chunks(), next);
  std::vector<uint32_t> cells(rows.num_cells);
  for (uint32_t cell = 0; cell < rows.num_cells; ++cell) cells[cell] = cell;
  std::vector<std::string> answers;
  for (size_t i = 0; i < whole.size(); ++i) {
    SEXTANT_CHECK(whole[i]->Seal(AlwaysGoOn).ok());
    SEXTANT_CHECK(next[i]->Seal(AlwaysGoOn).ok());
    SEXTANT_CHECK(whole[i]->Merge(*next[i], cells, AlwaysGoOn).ok());
  }
  for (size_t i = 0; i < whole.size(); ++i) {
    MetricValues values(query.aggregates[i].result_type, TestBudget());
    SEXTANT_CHECK(whole[i]->Finish(cells, values, AlwaysGoOn).ok());
    std::vector<uint8_t> marks(rows.num_cells);
    whole[i]->MarkSamples(marks);
    for (uint32_t cell = 0; cell < rows.num_cells; ++cell) {
      SEXTANT_CHECK(whole[i]->HasSample(cell) == (marks[cell] != 0));
      answers.push_back(absl::StrCat(i, " of ", cell, ": ", ExactText(values, cell), " ",
                                     static_cast<int>(marks[cell])));
    }
  }
  return answers;
}

LaneRows RandomLaneRows(size_t num_rows, uint32_t num_cells, uint32_t stride,
                        std::mt19937_64& random) {
  LaneRows rows = {.cells = {}, .num_cells = num_cells, .stride = stride};
  for (size_t row = 0; row < num_rows; ++row) {
    rows.cells.push_back(static_cast<uint32_t>(random() % std::max(num_cells - 1, 1u)));
  }
  return rows;
}

std::shared_ptr<const Table> DrawnTable(const std::vector<DrawnColumn>& columns, size_t num_rows,
                                        std::mt19937_64& random) {
  std::vector<ColumnCells> cells;
  for (const DrawnColumn& column : columns) {
    ColumnCells& own = cells.emplace_back(ColumnCells{column.name, column.type, {}});
    for (size_t row = 0; row < num_rows; ++row) {
      const uint64_t draw = random();
      const int64_t value = column.least + static_cast<int64_t>(draw % (column.span + 1));
      if (column.null_every != 0 && random() % column.null_every == 0) {
        own.cells.push_back(Null());
      } else if (IsFloat(column.type.kind)) {
        own.cells.push_back(Float(static_cast<double>(value) / 7));
      } else {
        own.cells.push_back(Int(value));
      }
    }
  }
  return TableOf(cells, {.chunk_rows = 1500});
}

}  // namespace sextant
