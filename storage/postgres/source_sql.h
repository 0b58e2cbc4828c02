#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/postgres/identifier.h"

namespace sextant {

/// What rows come from: a resolved table, or the text of a query when `table` is empty.
struct SourceOrigin {
  std::optional<SourceRelation> table;
  std::string query;
};

/// A SELECT over one origin. Names are quoted; `cast` and `where` are SQL of the catalogue's
/// author.
struct SourceSelect {  // not row-proportional: written by people
  struct Column {
    std::string name;
    std::string cast;  // SQL type that the server converts to; empty: as it is
  };
  struct OrderKey {
    std::string name;
    bool by_bytes =
        false;  // text: COLLATE "C", so that equal values are neighbours and bytes order
  };

  std::vector<Column> columns;
  std::string where;  // empty: every row
  std::vector<OrderKey> order_by;
};

/// `SELECT * FROM origin`, for describing it.
std::string SelectAll(const SourceOrigin& origin);

/// The SELECT that a load reads. Order keys refer to the origin's columns, not to what they were
/// cast to. REQUIRES: !select.columns.empty().
std::string BuildSelect(const SourceOrigin& origin, const SourceSelect& select);

}  // namespace sextant
