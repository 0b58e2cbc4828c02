#include "service/translation/profile_to_proto.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/exec/pass_plan.h"
#include "compute/memory/check.h"
#include "storage/postgres/query_sql/condition_sql.h"

namespace sextant {
namespace {

const char* NameOf(StepProfile::Phase phase) {
  const char* const names[] = {"derive", "bounds", "cuts", "rank", "cells"};
  return names[static_cast<int>(phase)];
}

const char* NameOf(StepProfile::Kind kind) {
  const char* const names[] = {"scan", "filter", "aggregate", "merge", "result", "derive"};
  return names[static_cast<int>(kind)];
}

std::string ConditionText(const BoundDataset& dataset, size_t index) {
  if (!dataset.filter) return "";
  const auto* conjunction = std::get_if<AndNode>(&dataset.filter->node);
  const BoundPredicate& condition =
      conjunction == nullptr ? *dataset.filter : conjunction->children[index];
  return PrintConditionSql(condition, *dataset.schema);
}

/// The axes that a pass keeps.
std::string PassText(const BoundQuery& query, size_t index) {
  const auto passes = PlanPasses(query);
  const PlannedPass& pass = passes[index];
  if (pass.grouping < 0) return "others";
  std::vector<std::string> kept;
  const std::vector<BoundAxis>& axes = query.axes();
  for (size_t axis = 0; axis < axes.size(); ++axis) {
    const size_t bit = axes.size() - 1 - axis;
    if (((pass.grouping >> bit) & 1) == 0) kept.push_back(axes[axis].name);
  }
  const char* const what = pass.grouping == 0 ? "cells" : "total";
  return kept.empty() ? what : absl::StrCat(what, " by ", absl::StrJoin(kept, ", "));
}

/// What there is one row of.
std::string KeysText(const BoundDerivedRows& rows) {
  std::vector<std::string> keys;
  for (uint32_t i = 0; i < rows.num_keys; ++i) keys.push_back(rows.query.axes()[i].name);
  return absl::StrCat("a row per ", absl::StrJoin(keys, ", "));
}

void WriteShared(const SharedWork& work, v1::SharedWork& wire) {
  wire.set_aggregates_asked(static_cast<int64_t>(work.aggregates.asked));
  wire.set_aggregates(static_cast<int64_t>(work.aggregates.done));
  wire.set_filters_asked(static_cast<int64_t>(work.filters.asked));
  wire.set_filters(static_cast<int64_t>(work.filters.done));
  wire.set_times_asked(static_cast<int64_t>(work.times.asked));
  wire.set_times(static_cast<int64_t>(work.times.done));
  wire.set_states_asked(static_cast<int64_t>(work.states.asked));
  wire.set_states(static_cast<int64_t>(work.states.done));
}

}  // namespace

v1::ExplainStep StepToProto(const StepProfile& step, const BoundQuery& query) {
  v1::ExplainStep wire;
  wire.set_phase(NameOf(step.key.phase));
  wire.set_name(NameOf(step.key.kind));
  const BoundDataset& dataset = query.datasets[step.key.dataset];
  if (step.key.kind != StepProfile::Kind::kResult) wire.set_dataset(dataset.name);
  if (step.key.kind == StepProfile::Kind::kFilter) {
    wire.set_detail(ConditionText(dataset, step.key.index));
  }
  if (step.rows_estimated) wire.set_rows_estimated(std::llround(*step.rows_estimated));
  const bool is_pass = step.key.kind == StepProfile::Kind::kAggregate;
  if (is_pass && step.key.phase == StepProfile::Phase::kCells) {
    wire.set_detail(PassText(query, step.key.index));
  }
  if (step.key.kind == StepProfile::Kind::kDerive && dataset.derived != nullptr) {
    wire.set_detail(KeysText(*dataset.derived));
  }
  wire.set_rows_in(static_cast<int64_t>(step.rows_in));
  wire.set_rows_out(static_cast<int64_t>(step.rows_out));
  wire.set_time_us(step.time_ns / 1000);
  wire.set_parts(static_cast<int64_t>(step.chunks));
  wire.set_parts_by_index(static_cast<int64_t>(step.chunks_by_index));
  if (step.shared) WriteShared(*step.shared, *wire.mutable_shared());
  return wire;
}

std::vector<const DatasetSpec*> SpecsOf(const BoundQuery& query, const StorageSpec& storage) {
  std::vector<const DatasetSpec*> specs;
  const auto add = [&](const std::string& name) {
    const auto spec = std::find_if(storage.datasets.begin(), storage.datasets.end(),
                                   [&](const DatasetSpec& known) { return known.name == name; });
    SEXTANT_CHECK(spec != storage.datasets.end()) << "dataset '" << name << "'";
    if (std::find(specs.begin(), specs.end(), &*spec) == specs.end()) specs.push_back(&*spec);
  };
  for (const BoundDataset& dataset : query.datasets) add(dataset.name);
  for (size_t i = 0; i < specs.size(); ++i) {
    for (const LinkDeclaration& link : specs[i]->links) {
      add(link.dataset);
      if (!link.via.empty()) add(link.via);
    }
  }
  return specs;
}

}  // namespace sextant
