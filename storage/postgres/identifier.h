#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sextant {

/// `name` as a quoted SQL identifier: never folded, never ends early. REQUIRES: no NUL byte.
std::string QuoteIdentifier(std::string_view name);

/// `text` as an SQL string literal that means the same whatever standard_conforming_strings says.
/// REQUIRES: no NUL byte.
std::string QuoteLiteral(std::string_view text);

/// `{1,2,3}`: the text form of a PostgreSQL oid[].
std::string OidArrayText(const std::vector<uint32_t>& oids);

/// A relation found in pg_class. `kind` is pg_class.relkind: 'r' table, 'p' partitioned table, 'v'
/// view, 'm' materialized view, 'f' foreign table.
struct SourceRelation {
  uint32_t oid = 0;
  std::string schema;
  std::string name;
  char kind = 'r';
  bool is_selectable = true;  // the session's role may SELECT from all its columns

  /// `"schema"."name"`.
  std::string Quoted() const;

  /// `schema.name` for messages.
  std::string ForMessage() const;

  /// True for the kinds that LOCK TABLE takes: tables, partitioned tables and views. The others
  /// need no lock before the snapshot: a refreshed materialized view stays visible to older
  /// snapshots.
  bool IsLockable() const { return kind == 'r' || kind == 'p' || kind == 'v'; }

  /// True for a materialized view, which only a statement that reads it locks. One that is created
  /// in its place after the snapshot looks empty to it.
  bool IsTouchable() const { return kind == 'm' && is_selectable; }
};

}  // namespace sextant
