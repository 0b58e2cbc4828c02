// What a QueryRun answers, once its phases are over.

#include <utility>

#include "compute/exec/derived_rows.h"
#include "compute/exec/profile_stopwatch.h"
#include "compute/exec/query_run.h"
#include "compute/memory/status_macros.h"

namespace sextant {

absl::InlinedVector<FinishedPass, 1> QueryRun::FinishedPasses() const {
  absl::InlinedVector<FinishedPass, 1> finished;
  for (size_t pass = 0; pass < passes_.size(); ++pass) {
    FinishedPass& one = finished.emplace_back();
    one.grouping = passes_[pass].grouping;
    one.partitioned = partitioned_.get();
    for (const Source& source : sources_) {
      one.groups.push_back(source.groups[pass].get());
      one.states.push_back(source.merged[pass].get());
    }
  }
  return finished;
}

absl::StatusOr<std::unique_ptr<FinishedResult>> QueryRun::MakeResult(
    std::shared_ptr<void> keep_alive, int64_t queued_us) {
  const QueryScope scope(context_);
  std::vector<TableIdentity> identities;
  for (const Source& source : sources_) {
    AddIdentity(source.scan.table().identity(), identities);
    counts_.excluded += source.merged[0]->excluded;
  }
  const absl::InlinedVector<FinishedPass, 1> passes = FinishedPasses();
  ResultBuilder builder({context_, query_, std::move(identities), std::move(series_),
                         std::move(compared_series_), range_, passes});
  counts_.queued_us = queued_us;
  const ProfileStopwatch stopwatch(context_);
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<FinishedResult> result, builder.Build());
  NoteCells(builder, result->num_rows(), stopwatch.ElapsedNs());
  counts_.excluded += builder.num_excluded();
  counts_.bootstrap_draws = context_.draws().spent();
  counts_.run_us = context_.clock().MonotonicUs() - start_us_ + before_us_;
  counts_.cells = result->num_rows();
  result->SetSummary(counts_);
  result->KeepAlive(std::move(keep_alive));
  // Of a query that is called off, conditions leave rows untested. The result may be kept for
  // others, so here is the last question.
  SEXTANT_RETURN_IF_ERROR(context_.Check());
  return result;
}

}  // namespace sextant
