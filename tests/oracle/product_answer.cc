#include "tests/oracle/product_answer.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compute/exec/query_run.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "tests/oracle/dataset_split.h"
#include "tests/oracle/indexed_copy.h"
#include "tests/oracle/product_request.h"

namespace sextant::oracle {
namespace {

constexpr uint64_t kSmallRangeRows = 50;
constexpr size_t kResultBytes = size_t{16} << 20;

MemoryBudget& Budget() {
  static auto& budget = *new MemoryBudget("oracle queries", MemoryBudget::kUnlimitedBytes);
  return budget;
}

std::shared_ptr<QueryContext> MakeContext() {
  return std::make_shared<QueryContext>(Clock::System(), QueryContext::kNoDeadline,
                                        Priority::kInteractive, &Budget(),
                                        MemoryBudget::kUnlimitedBytes);
}

std::string UuidText(Wide wide) {
  uint8_t bytes[16];
  UuidOfWide(wide, bytes);
  std::string text;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    absl::StrAppendFormat(&text, "%02x", bytes[i]);
  }
  return text;
}

/// The canonical text of datum.h.
std::string TextOf(const ResultValues& column, uint32_t row) {
  const DataType& type = column.type;
  switch (column.values.index()) {
    case 0: {
      const int64_t value = std::get<0>(column.values)[row];
      if (type.kind == TypeKind::kBool) return value != 0 ? "true" : "false";
      if (type.kind == TypeKind::kDecimal) return DecimalText(value, type.scale);
      return absl::StrCat(value);
    }
    case 1:
      return FloatText(std::get<1>(column.values)[row]);
    case 2: {
      const std::string text(std::get<2>(column.values)[row]);
      return type.kind == TypeKind::kBytes ? absl::BytesToHexString(text) : text;
    }
    case 4: {
      const auto& lists = std::get<4>(column.values);
      std::string text = "{";
      for (uint32_t i = lists.offsets[row]; i < lists.offsets[row + 1]; ++i) {
        const bool is_valid = lists.elements->valid[i] != 0;
        absl::StrAppend(&text, i > lists.offsets[row] ? "," : "",
                        is_valid ? TextOf(*lists.elements, i) : "NULL");
      }
      return text + "}";
    }
    default: {
      const Wide wide = std::get<3>(column.values)[row];
      if (type.kind == TypeKind::kUuid) return UuidText(wide);
      if (type.kind == TypeKind::kInterval) {
        const IntervalValue interval = IntervalOfWide(wide);
        return Int128Text(
            IntervalKey(Datum::OfInterval(interval.months, interval.days, interval.microseconds)));
      }
      return DecimalText(Int128OfWide(wide), type.scale);
    }
  }
}

AnswerRow ReadRow(const ResultHeader& header, const ResultBatch& batch, uint32_t row) {
  AnswerRow answer;
  for (size_t i = 0; i < header.columns.size(); ++i) {
    const ResultValues& column = batch.columns[i];
    const bool is_valid = column.valid[row] != 0;
    switch (header.columns[i].role) {
      case ResultRole::kAxis:
        answer.axes.push_back(is_valid ? std::optional(TextOf(column, row)) : std::nullopt);
        break;
      case ResultRole::kSeries:
        answer.series = static_cast<size_t>(std::get<0>(column.values)[row]);
        break;
      case ResultRole::kStart:
        answer.start_us = std::get<0>(column.values)[row];
        break;
      case ResultRole::kGrouping:
        answer.grouping = static_cast<int>(std::get<0>(column.values)[row]);
        break;
      case ResultRole::kColumn:  // of rows behind a cell
        break;
      case ResultRole::kMetric: {
        AnswerValue value;
        value.exists = is_valid;
        if (is_valid) value.text = TextOf(column, row);
        value.is_float = column.values.index() == 1;
        if (value.is_float) value.number = std::get<1>(column.values)[row];
        answer.values.push_back(std::move(value));
        break;
      }
    }
  }
  return answer;
}

absl::StatusOr<Answer> ReadAll(ResultCursor& cursor) {
  Answer answer;
  while (true) {
    SEXTANT_ASSIGN_OR_RETURN(const std::optional<ResultBatch> batch, cursor.Next(4096));
    if (!batch) break;
    for (uint32_t row = 0; row < batch->num_rows; ++row) {
      answer.rows.push_back(ReadRow(cursor.header(), *batch, row));
    }
  }
  answer.excluded = cursor.summary().excluded;
  answer.rows_selected = cursor.summary().rows_selected;
  answer.rows_out_of_range = cursor.summary().rows_out_of_range;
  answer.chunks_skipped = cursor.summary().chunks_skipped;
  answer.is_kept = cursor.summary().is_cached;
  return answer;
}

Answer Failed(const absl::Status& status) {
  Answer answer;
  answer.outcome = status.code() == absl::StatusCode::kOutOfRange ? Answer::Outcome::kOutOfRange
                                                                  : Answer::Outcome::kRefused;
  answer.message = std::string(status.message());
  return answer;
}

/// In ranges of few rows, the last one first: what many threads would do to a large table.
absl::StatusOr<std::unique_ptr<ResultCursor>> RunInSmallRanges(
    const std::shared_ptr<QueryContext>& context, const BoundQuery& query,
    std::vector<TenantScope> scopes, QueryRun::Partitioning partitioning) {
  SEXTANT_ASSIGN_OR_RETURN(const uint64_t excluded,
                           QueryExecutor::DeriveScopes(*context, query, scopes));
  QueryRun run(*context, query, std::move(scopes), kSmallRangeRows, partitioning);
  run.AddBefore(excluded, 0);
  SEXTANT_RETURN_IF_ERROR(run.Prepare());
  bool has_phase = true;
  while (has_phase) {
    for (uint32_t index = run.num_ranges(); index > 0; --index) {
      SEXTANT_ASSIGN_OR_RETURN(auto range, run.StartRange(index - 1));
      bool has_more = true;
      while (has_more) {
        SEXTANT_ASSIGN_OR_RETURN(has_more, run.Step(*range));
      }
      SEXTANT_RETURN_IF_ERROR(run.FinishRange(std::move(range)));
    }
    SEXTANT_ASSIGN_OR_RETURN(has_phase, run.FinishPhase());
  }
  return run.MakeResult(context, 0);
}

}  // namespace

Product::Product()
    : pool_(3),
      executor_(pool_),
      results_(kResultBytes, &Budget()),
      derived_(kResultBytes, &Budget()),
      keeping_executor_(pool_, &results_, &derived_) {}

absl::StatusOr<std::unique_ptr<ResultCursor>> Product::Run(const BoundQuery& query,
                                                           std::vector<TenantScope> scopes,
                                                           const Plan& plan) {
  for (const TenantScope& scope : scopes) {
    if (!plan.with_indexes) continue;
    executor_.BuildIndexes(scope.shared_table(), Budget());
    WantOrders(scope.table());
    executor_.BuildWantedOrders(scope.shared_table(), Budget());
  }
  const std::shared_ptr<QueryContext> context = MakeContext();
  if (plan.threads == Plan::Threads::kSmallRanges) {
    return RunInSmallRanges(context, query, std::move(scopes),
                            plan.with_partitions ? QueryRun::Partitioning::kWherePossible
                                                 : QueryRun::Partitioning::kByEstimate);
  }
  std::mutex mutex;
  std::condition_variable is_done;
  std::optional<absl::StatusOr<std::unique_ptr<ResultCursor>>> result;
  QueryExecutor& executor = plan.keeps_answers ? keeping_executor_ : executor_;
  executor.Submit(context, query, std::move(scopes), [&](auto finished) {
    const std::lock_guard lock(mutex);
    result = std::move(finished);
    is_done.notify_one();
  });
  std::unique_lock lock(mutex);
  is_done.wait(lock, [&] { return result.has_value(); });
  return *std::move(result);
}

absl::StatusOr<std::vector<TenantScope>> ScopesOf(const BoundCase& bound) {
  std::vector<TenantScope> scopes;
  std::vector<std::string> names;
  for (const auto& version : bound.tables) {
    SEXTANT_ASSIGN_OR_RETURN(TenantScope scope, TenantScope::Resolve(version, bound.claim));
    scopes.push_back(std::move(scope));
    names.push_back(version->identity().dataset);
  }
  return ScopesPerDataset(bound.query, names, scopes);
}

absl::StatusOr<BoundCase> BindCase(const Versions& versions, const TableCase& table,
                                   const RequestCase& request) {
  const Query query = ProductQuery(table, request);
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> names, DatasetsOf(query));
  std::vector<std::shared_ptr<const Table>> tables;
  std::vector<std::shared_ptr<const Schema>> schemas;
  for (const std::string& name : names) {
    tables.push_back(versions.at(name));
    schemas.push_back(tables.back()->shared_schema());
  }
  SEXTANT_ASSIGN_OR_RETURN(
      BoundQuery bound, Bind(query, schemas, table.as_of_us, QueryLimits(), DimensionsOf(table)));
  const TenantClaim claim =
      table.tenant < 0 ? TenantClaim::None() : TenantClaim::Of(request.tenant);
  return BoundCase{std::move(bound), std::move(tables), claim};
}

Answer Product::Ask(const Versions& versions, const TableCase& table, const RequestCase& request,
                    const Plan& plan) {
  const absl::StatusOr<BoundCase> bound = BindCase(versions, table, request);
  if (!bound.ok()) return Failed(bound.status());
  absl::StatusOr<std::vector<TenantScope>> scopes = ScopesOf(*bound);
  if (!scopes.ok()) return Failed(scopes.status());
  // The context must outlive the cursor.
  const std::shared_ptr<QueryContext> context = MakeContext();
  const bool is_plain = plan.threads == Plan::Threads::kCaller && !plan.with_indexes;
  const auto cursor = is_plain ? QueryExecutor::Run(*context, bound->query, *std::move(scopes))
                               : Run(bound->query, *std::move(scopes), plan);
  if (!cursor.ok()) return Failed(cursor.status());
  absl::StatusOr<Answer> answer = ReadAll(**cursor);
  if (!answer.ok()) return Failed(answer.status());
  // Rows of the table and those made of others are counted together.
  if (bound->query.datasets.size() > 1 && request.is_per_key) answer->rows_selected.reset();
  return *std::move(answer);
}

}  // namespace sextant::oracle
