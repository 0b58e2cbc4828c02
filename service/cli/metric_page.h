#pragma once

#include <string>
#include <vector>

#include "sextant/v1/catalog_service.pb.h"

namespace sextant {

/// A page in Markdown of metrics as the catalogue defines them: of each the description, unit,
/// dataset, time, parameters, and its formula, or the SQL that it is of the rows of an interval.
/// The same text for the same metrics in the same order.
std::string MetricPage(const std::vector<v1::Metric>& metrics);

/// What a metric of metrics is computed of, in a line; empty of one that has rows of its own.
std::string FormulaOf(const v1::MetricDefinition& definition);

/// "at merged_at", "during [opened_at, closed_at)"; empty without time.
std::string TimeOf(const v1::MetricDefinition& definition);

}  // namespace sextant
