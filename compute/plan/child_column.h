#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "compute/column/schema.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// What a link leads to, by its name.
struct LinkedSchema {
  std::string link;
  const Schema* schema = nullptr;
};

/// A column that is computed of the linked rows of each row.
struct BoundChildColumn {
  Field field;
  uint32_t link = 0;  // position among the links
  /// kCountRows: linked rows; kCount: of those with a value; kMin, kMax: of the values, NULL
  /// without one.
  AggregateKind kind = AggregateKind::kCountRows;
  ColumnIndex column = 0;                     // of the linked dataset; unused for kCountRows
  std::optional<BoundPredicate> filter = {};  // on a linked row
};

/// Resolves "count(link)", or count, min or max of "link.column", each with an optional FILTER over
/// columns of the linked dataset. min and max are of numbers, times, enums. Literals without a zone
/// are in UTC, and now() is refused: what is computed outlives it. Errors: INVALID_ARGUMENT for
/// "derived.NAME", with the position and what is allowed.
absl::StatusOr<BoundChildColumn> BindChildColumn(const std::string& name, const std::string& text,
                                                 std::span<const LinkedSchema> links);

/// Whether `text` is an aggregate of one of `links`, so that it means linked rows and not a value
/// of the row.
bool IsChildColumn(const std::string& text, std::span<const std::string> links);

}  // namespace sextant
