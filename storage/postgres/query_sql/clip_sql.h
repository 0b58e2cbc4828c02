#pragma once

#include <string>

#include "compute/plan/bound_query.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// How the samples of an aggregate are clipped (rule 20), over the rows r and their groups.
class ClipSql {
 public:
  /// The range of the query, as SQL, for one tile over all of it.
  struct Range {
    std::string from;
    std::string to;
  };
  /// A group: GROUPING() and the texts of the members (AxisKeySql).
  struct Group {
    std::string grouping_id;
    std::string axis_key;
  };

  /// REQUIRES: `aggregate` has a clip. All must outlive it.
  ClipSql(const SqlScope& scope, const BoundQuery& query, const BoundAggregate& aggregate,
          Range range);

  /// A SELECT of the cuts of each group and tile: grouping_id, axis_key, tile, low, high. `from`:
  /// "rows AS r JOIN .."; `condition` may be empty.
  std::string Cuts(const Group& group, const std::string& from, const std::string& condition) const;
  /// What joins a row with its cuts in the table `cuts`, as `alias`. Empty of a list of times.
  std::string Join(const Group& group, const std::string& cuts, const std::string& alias) const;
  /// Whether the row, joined so, is kept.
  std::string Condition(const Group& group, const std::string& cuts,
                        const std::string& alias) const;

 private:
  bool is_list() const { return aggregate_.pin.start.type.kind == TypeKind::kList; }
  /// Of an instant; NULL where it has none.
  std::string TileOf(const std::string& instant) const;
  /// The tiles of a row: "(SELECT .. AS tile)".
  std::string Tiles() const;
  static std::string SameGroup(const Group& group, const std::string& alias);

  const SqlScope& scope_;
  const BoundQuery& query_;
  const BoundAggregate& aggregate_;
  const Range range_;
  std::string value_;
};

}  // namespace sextant
