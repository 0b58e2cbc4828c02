#include <algorithm>
#include <cmath>

#include "compute/exec/query_run.h"

// What a QueryRun tells who explains it.

namespace sextant {

StepProfile::Phase QueryRun::ProfiledPhase() const {
  switch (phase_) {
    case Phase::kBounds:
      return StepProfile::Phase::kBounds;
    case Phase::kCuts:
      return StepProfile::Phase::kCuts;
    case Phase::kRank:
      return StepProfile::Phase::kRank;
    default:
      return StepProfile::Phase::kCells;
  }
}

void QueryRun::Note(StepProfile::Kind kind, size_t dataset, size_t index,
                    const ConditionProfile& what) const {
  if (context_.profile() == nullptr) return;
  const bool has_estimate = kind == StepProfile::Kind::kScan || kind == StepProfile::Kind::kFilter;
  context_.profile()->Add(
      {.key = {ProfiledPhase(), dataset, kind, index},
       .rows_in = what.rows_in,
       .rows_out = what.rows_out,
       .rows_estimated = has_estimate ? std::optional(what.rows_estimated) : std::nullopt,
       .time_ns = what.time_ns,
       .chunks = what.chunks,
       .chunks_by_index = what.chunks_by_index});
}

void QueryRun::NoteSharedWork(size_t dataset) const {
  if (context_.profile() == nullptr) return;
  const auto& groups = sources_[dataset].groups;
  const BoundQuery& asked = phase_ == Phase::kCuts ? clips_->query : query_;
  context_.profile()->Add(
      {.key = {ProfiledPhase(), dataset, StepProfile::Kind::kAggregate, groups.size() - 1},
       .shared = groups.back()->shared_work(asked, dataset)});
}

/// Of n rows drawn among c cells, about c (1 - e^(-n/c)) cells have one.
double QueryRun::ExpectedCells(const Source& source, size_t pass) const {
  const CellShape& shape = source.groups[pass]->shape();
  double num_slots = std::max(1u, shape.num_intervals);
  for (const uint64_t domain : shape.domains) num_slots *= static_cast<double>(domain);
  return -num_slots * std::expm1(-source.rows_expected / num_slots);
}

void QueryRun::NoteCells(const ResultBuilder& builder, uint64_t num_rows, int64_t time_ns) const {
  if (context_.profile() == nullptr) return;
  uint64_t num_cells = 0;
  double num_expected = 0;
  for (size_t pass = 0; pass < passes_.size(); ++pass) {
    num_cells += builder.num_cells(pass);
    double most_expected = 0;
    for (size_t dataset = 0; dataset < sources_.size(); ++dataset) {
      const double expected = ExpectedCells(sources_[dataset], pass);
      most_expected = std::max(most_expected, expected);
      context_.profile()->Add(
          {.key = {StepProfile::Phase::kCells, dataset, StepProfile::Kind::kAggregate, pass},
           .rows_out = builder.num_cells(pass),
           .rows_estimated = expected});
    }
    num_expected += most_expected;
  }
  if (query_.limit) num_expected = std::min(num_expected, static_cast<double>(*query_.limit));
  context_.profile()->Add({.key = {StepProfile::Phase::kCells, 0, StepProfile::Kind::kResult, 0},
                           .rows_in = num_cells,
                           .rows_out = num_rows,
                           .rows_estimated = num_expected,
                           .time_ns = time_ns});
}

}  // namespace sextant
