#pragma once

#include <string>

#include "absl/time/time.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

/// A literal that names `zone` for AT TIME ZONE and date_trunc. These take some names of zones
/// (CET, EST, ..) for abbreviations, which have one offset all year, or another zone's with other
/// settings of the session: such a zone goes by another name of the same rules, or has no SQL.
std::string ZoneSql(const SqlScope& scope, const absl::TimeZone& zone);

/// The same of a name. One that names no zone here is left as it is.
std::string ZoneSql(const SqlScope& scope, const std::string& name);

/// The instant where `day`, an expression of type date, begins in `zone` (rule 10), which is not
/// always what PostgreSQL takes for its midnight: the first of two, and where the
/// clock jumps over it the instant of the jump.
std::string MidnightSql(const SqlScope& scope, const absl::TimeZone& zone, const std::string& day);

/// Whether two days of `zone` begin at one instant.
bool SkipsADay(const absl::TimeZone& zone);

}  // namespace sextant
