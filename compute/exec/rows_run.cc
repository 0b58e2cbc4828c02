#include "compute/exec/rows_run.h"

#include <numeric>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/exec/row_columns.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/time_zone.h"

namespace sextant {

RowsRun::RowsRun(QueryContext& context, const BoundRowsQuery& query, TenantScope scope)
    : context_(context),
      query_(query),
      scan_(std::move(scope)),
      first_(scan_.table(), query.order_by, query.limit, context.budget()) {}

absl::Status RowsRun::Prepare(int64_t from_us, int64_t to_us) {
  start_us_ = context_.clock().MonotonicUs();
  SEXTANT_RETURN_IF_ERROR(context_.Check());
  const QueryScope scope(context_);
  SEXTANT_ASSIGN_OR_RETURN(ResolvedSeries series, ResolveInterval(query_, from_us, to_us));
  series_.push_back(std::move(series));
  const Table& table = scan_.table();
  SEXTANT_ASSIGN_OR_RETURN(
      filter_, Filter::Create(query_.cell.datasets[0].filter, table, context_.budget()));
  SEXTANT_ASSIGN_OR_RETURN(
      samples_, SampledRows::Create(query_.cell, /*dataset=*/0, table, series_, context_.budget()));
  SEXTANT_ASSIGN_OR_RETURN(filter_scratch_, filter_->MakeScratch(context_.budget()));
  SEXTANT_ASSIGN_OR_RETURN(samples_state_, samples_->MakeState(context_.budget()));
  SEXTANT_ASSIGN_OR_RETURN(
      selection_, Buffer::AllocateUninitialized(context_.budget(),
                                                BitmapWords(kMaxChunkRows) * sizeof(uint64_t)));
  return absl::OkStatus();
}

absl::StatusOr<bool> RowsRun::Step() {
  const QueryScope scope(context_);
  SEXTANT_RETURN_IF_ERROR(context_.Check());
  if (range_ == scan_.num_ranges() || first_.is_settled()) return false;
  const std::span<const Morsel> morsels = scan_.MorselsOf(range_);
  SEXTANT_RETURN_IF_ERROR(StepMorsel(morsels[next_morsel_]));
  if (++next_morsel_ == morsels.size()) {
    next_morsel_ = 0;
    ++range_;
  }
  return range_ < scan_.num_ranges() && !first_.is_settled();
}

absl::Status RowsRun::StepMorsel(const Morsel& morsel) {
  const Chunk& chunk = scan_.table().chunk(morsel.chunk);
  const Selection selection = scan_.Select(morsel, selection_.As<uint64_t>());
  counts_.rows_scanned += CountSelected(selection);
  if (filter_->Skips(chunk) || samples_->Skips(chunk)) {
    ++counts_.chunks_skipped;
    return absl::OkStatus();
  }
  samples_->RuleOut(chunk, selection);
  filter_->Narrow(chunk, selection, filter_scratch_);
  counts_.rows_selected += CountSelected(selection);
  SEXTANT_ASSIGN_OR_RETURN(const Selection found,
                           samples_->Find(*samples_state_, chunk, selection));
  return first_.Add(morsel.chunk, found);
}

ResultHeader RowsRun::MakeHeader() const {
  ResultHeader header;
  const Schema& schema = scan_.table().schema();
  for (const ColumnIndex index : query_.columns) {
    const Field& field = schema.field(index);
    const bool is_duration = field.type.kind == TypeKind::kDuration && field.unit.empty();
    header.columns.push_back(
        {field.name, field.type, is_duration ? "seconds" : field.unit, ResultRole::kColumn});
  }
  header.series = series_;
  header.time_zone = query_.cell.time_zone_name;
  header.tz_database_version = TimeZoneDatabaseVersion();
  header.datasets.push_back(scan_.table().identity());
  return header;
}

absl::StatusOr<std::unique_ptr<FinishedResult>> RowsRun::MakeResult(
    std::shared_ptr<void> keep_alive, int64_t queued_us) {
  const QueryScope scope(context_);
  SEXTANT_RETURN_IF_ERROR(first_.Finish());
  auto rows = std::make_shared<FinishedRows>(context_.budget());
  rows->header = MakeHeader();
  SEXTANT_ASSIGN_OR_RETURN(rows->values,
                           ReadColumns(context_, scan_.table(), query_.columns, first_.rows()));
  rows->metrics.resize(query_.columns.size());
  std::iota(rows->metrics.begin(), rows->metrics.end(), 0);
  SEXTANT_RETURN_IF_ERROR(rows->intervals.Resize(first_.rows().size()));
  rows->is_in_order = true;
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<FinishedResult> result,
                           FinishedResult::Create(context_, std::move(rows)));
  counts_.cells = result->num_rows();
  counts_.has_more = first_.has_more();
  counts_.queued_us = queued_us;
  counts_.run_us = context_.clock().MonotonicUs() - start_us_;
  result->SetSummary(counts_);
  result->KeepAlive(std::move(keep_alive));
  // Of a query that is called off, conditions leave rows untested.
  SEXTANT_RETURN_IF_ERROR(context_.Check());
  return result;
}

std::pair<int64_t, int64_t> KnownRange(const BoundQuery& query) {
  const int64_t from_us = query.from_us.value_or(query.to_us.value_or(0));
  return {from_us, query.to_us.value_or(from_us)};
}

}  // namespace sextant
