#include "tests/testing/run_query.h"

#include <charconv>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/column/table.h"
#include "compute/exec/query_executor.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "tests/testing/table_of.h"

namespace sextant {
std::string FloatText(double value) {
  if (value != value) return "NaN";
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

std::string WideText(Wide wide) {
  if (wide.high == 0 || wide.high == ~uint64_t{0}) {
    const int128_t value = Int128OfWide(wide);
    if (value == static_cast<int64_t>(value)) return absl::StrCat(static_cast<int64_t>(value));
  }
  return absl::StrCat(absl::Hex(wide.high, absl::kZeroPad16), ":",
                      absl::Hex(wide.low, absl::kZeroPad16));
}

std::string ValueText(const ResultValues& values, uint32_t row) {
  if (values.valid[row] == 0) return "-";
  switch (values.values.index()) {
    case 0:
      return absl::StrCat(std::get<0>(values.values)[row]);
    case 1:
      return FloatText(std::get<1>(values.values)[row]);
    case 2:
      return std::string(std::get<2>(values.values)[row]);
    case 3:
      return WideText(std::get<3>(values.values)[row]);
    default: {
      const auto& lists = std::get<ResultLists>(values.values);
      std::vector<std::string> elements;
      for (uint32_t i = lists.offsets[row]; i < lists.offsets[row + 1]; ++i) {
        elements.push_back(ValueText(*lists.elements, i));
      }
      return absl::StrCat("{", absl::StrJoin(elements, ","), "}");
    }
  }
}

absl::StatusOr<ResultText> ReadAll(ResultCursor& cursor, size_t target_bytes) {
  ResultText text;
  text.header = cursor.header();
  while (true) {
    SEXTANT_ASSIGN_OR_RETURN(const std::optional<ResultBatch> batch, cursor.Next(target_bytes));
    if (!batch) break;
    SEXTANT_CHECK(batch->num_rows > 0);
    for (uint32_t row = 0; row < batch->num_rows; ++row) {
      std::vector<std::string> values;
      for (const ResultValues& column : batch->columns) values.push_back(ValueText(column, row));
      text.rows.push_back(absl::StrJoin(values, "|"));
    }
  }
  text.summary = cursor.summary();
  return text;
}

absl::StatusOr<ResultText> RunBound(const BoundQuery& query,
                                    const std::shared_ptr<const Table>& table,
                                    const TenantClaim& claim) {
  SEXTANT_ASSIGN_OR_RETURN(const TenantScope scope, TenantScope::Resolve(table, claim));
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<ResultCursor> cursor,
                           QueryExecutor::Run(context, query, scope));
  return ReadAll(*cursor);
}

absl::StatusOr<ResultText> RunQuery(const Query& query, const std::shared_ptr<const Table>& table,
                                    const TenantClaim& claim) {
  SEXTANT_ASSIGN_OR_RETURN(const BoundQuery bound,
                           Bind(query, table->shared_schema(), table->identity().as_of_us));
  return RunBound(bound, table, claim);
}

BoundQuery BindOrDie(const Query& query, const Table& table) {
  absl::StatusOr<BoundQuery> bound = Bind(query, table.shared_schema(), table.identity().as_of_us);
  SEXTANT_CHECK(bound.ok()) << bound.status();
  return *std::move(bound);
}

}  // namespace sextant
