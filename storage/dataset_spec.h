#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compute/column/link.h"

namespace sextant {

/// A PostgreSQL to load from, as declared under `sources:`.
struct SourceSpec {
  std::string name;
  /// libpq connection string, secrets included: never logged, never in an error.
  std::string conninfo;
  int max_connections = 4;
};

/// How urgent the loads of a dataset are.
enum class LoadPriority : uint8_t { kCritical, kInteractive, kBatch, kBackground };

struct DerivedSpec {
  std::string name;
  std::string expression;  // "released_at - created_at"
};

/// A dataset as declared under `datasets:`. Exactly one of `table` and `query` is set.
/// Written by people, so not row-proportional: its lists are short.
struct DatasetSpec {
  std::string name;
  std::string source;
  std::string table;  // "schema.table" or "table", as PostgreSQL's to_regclass reads it
  std::string query;  // SELECT ...
  std::string group;  // empty: a group of its own, named as the dataset
  std::vector<std::string> key;
  std::string tenant;  // empty: rows belong to nobody in particular
  bool required = false;
  LoadPriority priority = LoadPriority::kInteractive;
  std::string where;  // SQL of the catalogue's author
  std::vector<std::string> order_by;
  std::vector<std::string> include;          // empty: every column
  std::map<std::string, std::string> types;  // column -> "numeric(18,4)", "text", "float8"
  std::map<std::string, std::string> zones;  // timestamp column -> IANA zone
  std::map<std::string, std::string> units;  // column -> unit shown to people
  std::vector<DerivedSpec> derived;
  std::vector<LinkDeclaration> links;      // to datasets of its group
  std::vector<ChildDeclaration> children;  // entries of `derived:` that are of linked rows
};

/// Datasets loaded from one snapshot and published together.
struct GroupSpec {
  std::string name;
  /// Full refresh every so often; absent: only at the start and on demand.
  std::optional<int64_t> refresh_every_us;
};

/// Everything storage needs of a catalogue; not row-proportional: written by people.
struct StorageSpec {
  std::vector<SourceSpec> sources;
  std::vector<DatasetSpec> datasets;
  /// Every group that a dataset names or implies; the datasets of a group share a source.
  std::vector<GroupSpec> groups;
};

}  // namespace sextant
