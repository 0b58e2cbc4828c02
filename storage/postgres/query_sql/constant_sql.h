#pragma once

#include <cstdint>
#include <string>

#include "compute/column/schema.h"
#include "compute/plan/bound_expression.h"

namespace sextant {

/// The SQL type in which the equivalent SQL keeps values of `type`: integers are bigint, floats are
/// double precision, durations are bigint microseconds. An enum has none that could be named: "".
std::string SqlTypeOf(const DataType& type);

/// timestamptz '2024-01-01 00:00:00+00', the same whatever the session's settings are.
std::string InstantSql(int64_t instant_us);
std::string DaySql(int64_t day);
/// An exact numeric: `value` / 10^scale.
std::string DecimalSql(int128_t value, int scale);
/// A double, exactly: '1.5'::double precision, 'NaN'::..
std::string FloatSql(double value);
std::string TextSql(const std::string& text);
std::string BytesSql(const std::string& bytes);
std::string UuidSql(Wide uuid);
std::string IntervalSql(const IntervalValue& interval);

/// The integer form of a value of `type` (bound_expression.h) as SQL. `field` has the labels of an
/// enum.
std::string IntegerFormSql(const DataType& type, const Field& field, int64_t value);

/// A typed constant. `field` as above.
std::string ConstantSql(const DataType& type, const Field& field, const BoundConstant& constant);

}  // namespace sextant
