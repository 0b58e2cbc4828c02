#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compute/column/table.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Bound expressions written out in tests.

inline const DataType kBoolType = DataType::Of(TypeKind::kBool);
inline const DataType kIntType = DataType::Of(TypeKind::kInt64);
inline const DataType kFloatType = DataType::Of(TypeKind::kFloat64);
inline const DataType kTextType = DataType::Of(TypeKind::kText);
inline const DataType kDateType = DataType::Of(TypeKind::kDate);
inline const DataType kTimestampType = DataType::Of(TypeKind::kTimestamp);
inline const DataType kDurationType = DataType::Of(TypeKind::kDuration);
inline const DataType kIntervalType = DataType::Of(TypeKind::kInterval);
inline const DataType kUuidType = DataType::Of(TypeKind::kUuid);

BoundExpression ColumnOf(const Table& table, std::string_view name);
BoundExpression ConstantOf(const DataType& type, int64_t value);
BoundExpression ConstantOf(const DataType& type, double value);
BoundExpression ConstantOf(const DataType& type, Wide value);
BoundExpression ConstantOf(std::string_view text);
BoundExpression NullOf(const DataType& type);
BoundExpression ApplyOf(ExpressionOp op, const DataType& type,
                        std::vector<BoundExpression> arguments);
BoundExpression CastOf(const DataType& type, BoundExpression argument);
/// `conditions` as kCase and kCondition have them.
BoundExpression ChoiceOf(ExpressionOp op, const DataType& type,
                         std::vector<BoundPredicate> conditions,
                         std::vector<BoundExpression> arguments);
BoundExpression FieldOf(ExpressionOp op, DateField field, const DataType& type,
                        const absl::TimeZone& zone, std::vector<BoundExpression> arguments);

BoundValue ValueOf(BoundExpression expression);
/// min <= expression <= max.
BoundPredicate InRange(BoundExpression expression, int64_t min, int64_t max, bool negated = false);

/// The value of every row as CellText has it: "NULL", and "FAILED" for a NULL that counts as
/// excluded. Read as aggregates read it, by a ValueReader.
std::vector<std::string> TextsOf(const Table& table, const BoundExpression& expression);
/// The rows for which `predicate` is TRUE, over all chunks.
std::vector<uint32_t> RowsOf(const Table& table, const BoundPredicate& predicate);

absl::TimeZone ZoneOf(std::string_view name);

}  // namespace sextant
