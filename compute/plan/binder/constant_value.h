#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "compute/column/data_type.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/expression.h"

namespace sextant {

/// Constants of bound expressions, read and made. All functions are thread-safe.

/// 10^exponent. REQUIRES: 0 <= exponent <= 38.
int128_t TenToThe(int exponent);

/// A number, date, timestamp, duration, bool or enum in the form of its type.
/// REQUIRES: `value` is one of the type.
BoundConstant ConstantOf(const DataType& type, int128_t value);
BoundConstant NullConstantOf();
/// The integer of a constant of such a type. REQUIRES: not NULL.
int128_t IntegerOf(const BoundConstant& constant);
/// What predicates compare of a number, uuid or interval. REQUIRES: a constant, not NULL.
int128_t KeyOfConstant(const BoundExpression& constant);
/// A constant expression.
BoundExpression ConstantExpression(const DataType& type, BoundConstant constant);

/// integer / 10^scale as a double, rounded once, as PostgreSQL's casts to float8 do.
double DoubleOfDecimal(int128_t integer, int scale);

/// `value`, of `scale`, at `new_scale`: half away from zero; std::nullopt beyond 38 digits.
std::optional<int128_t> Rescaled(int128_t value, int scale, int new_scale);

/// "-12.50": the decimal as PostgreSQL prints it.
std::string PrintedDecimal(int128_t value, int scale);

/// The type that a literal has of itself, as PostgreSQL gives it: a quoted one is text, NULL is
/// text. std::nullopt: a typed literal whose type is not known here (an enum's).
std::optional<DataType> OwnTypeOf(const Literal& literal);

/// `literal` as a constant of `type` (decimal: of the literal's own scale, which `type` gets).
/// Errors: INVALID_ARGUMENT without field and position: malformed, out of range, another type.
absl::StatusOr<BoundConstant> ConstantOfLiteral(const Literal& literal, DataType& type,
                                                std::span<const std::string> enum_labels,
                                                const absl::TimeZone& zone);

/// A literal that means the same constant again, typed, so that no context changes it.
/// REQUIRES: not NULL, or it is the NULL literal; not json, not a list.
Literal LiteralOf(const DataType& type, const BoundConstant& constant,
                  std::span<const std::string> enum_labels);

}  // namespace sextant
