#pragma once

#include <optional>
#include <string>

#include "compute/plan/query.h"
#include "tests/oracle/case.h"

namespace sextant::oracle {

/// The request as the product takes it: expressions as text, the filter as text or, where
/// `as_typed_filter` says so and it can, as a typed tree.
Query ProductQuery(const TableCase& table, const RequestCase& request);

/// The typed tree of a condition; nothing where the tree has no such node.
std::optional<Predicate> TypedFilter(const TableCase& table, const Expr& condition);

/// The expression of an aggregate as a user writes it.
std::string AggregateText(const TableCase& table, const AggregateExpr& aggregate);
/// The constant as it is written without quotes; nothing where it would be another one then.
std::optional<std::string> PlainText(const Expr& literal);
/// The domain of a metric as a user writes it.
std::string DomainText(const TableCase& table, const MetricSpec& metric);
std::string MetricText(const TableCase& table, const MetricSpec& metric);
std::string RangeEndText(const RangeEnd& end);

}  // namespace sextant::oracle
