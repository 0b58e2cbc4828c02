#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/session.h"

namespace sextant {

/// PostgreSQL's own oids, fixed for ever in pg_type.dat.
enum TypeOid : uint32_t {
  kBoolOid = 16,
  kByteaOid = 17,
  kNameOid = 19,
  kInt8Oid = 20,
  kInt2Oid = 21,
  kInt4Oid = 23,
  kTextOid = 25,
  kJsonOid = 114,
  kFloat4Oid = 700,
  kFloat8Oid = 701,
  kBpcharOid = 1042,
  kVarcharOid = 1043,
  kDateOid = 1082,
  kTimestampOid = 1114,
  kTimestamptzOid = 1184,
  kIntervalOid = 1186,
  kNumericOid = 1700,
  kUuidOid = 2950,
  kJsonbOid = 3802,
};

/// A column of a table or query as the source declares it. Domains are followed to what they stand
/// for.
struct SourceColumn {
  std::string name;
  std::string type_name;  // for messages: "numeric", "point[]"
  uint32_t type_oid = 0;  // after domains
  int32_t typmod = -1;    // after domains
  char type_kind = 'b';   // pg_type.typtype after domains: b base, e enum, c composite, r range ...
  bool is_array = false;  // a true array; then of:
  uint32_t element_oid = 0;       // as arrays name it on the wire
  uint32_t element_base_oid = 0;  // after domains
  bool is_collatable = false;     // text-like: orders by a collation
  bool nullable = true;
  std::vector<std::string> enum_labels;  // not row-proportional: declared labels, in order
};

/// What the planner expects of a SELECT, from the source's own statistics.
struct SourceEstimate {
  int64_t rows = 0;
  int64_t row_bytes = 0;
  double planner_cost = 0;
};

/// Finds the table, view, materialized or foreign table that `name` means to the session
/// ("schema.table", "\"Odd Name\"").
/// Errors: FailedPrecondition with the nearest names when there is none; InvalidArgument for what
/// is no name.
absl::StatusOr<SourceRelation> ResolveTable(PostgresSession& session, const std::string& name,
                                            std::stop_token stop);

/// Finds the relations outside the system schemas that the planner locks for `select`: tables,
/// partitions, views and what lies under them; not what functions read. Found by EXPLAIN in a
/// transaction that is thrown away. REQUIRES: no transaction is open.
absl::StatusOr<std::vector<SourceRelation>> RelationsRead(PostgresSession& session,
                                                          const std::string& select,
                                                          std::stop_token stop);

/// Describes what `select` returns; runs nothing. Dropped columns do not appear in a SELECT *.
/// Errors: what the server says of the statement; FailedPrecondition for two columns of one name.
absl::StatusOr<std::vector<SourceColumn>> DescribeColumns(PostgresSession& session,
                                                          const std::string& select,
                                                          std::stop_token stop);

/// Asks the planner how much `select` will return.
absl::StatusOr<SourceEstimate> EstimateRows(PostgresSession& session, const std::string& select,
                                            std::stop_token stop);

/// Reads "(cost=0.00..155.00 rows=10000 width=4)" in the first line of an EXPLAIN; zeros when it is
/// not there.
SourceEstimate ParseEstimate(std::string_view plan_line);

/// The column called `name`. Errors: FailedPrecondition with the nearest names; `what` says who
/// asks ("columns.include").
absl::StatusOr<const SourceColumn*> FindColumn(const std::vector<SourceColumn>& columns,
                                               std::string_view name, std::string_view what);

}  // namespace sextant
