#pragma once

#include <optional>
#include <string_view>

#include "compute/column/data_type.h"

namespace sextant {

/// A type as PostgreSQL's casts write it: "int8", "numeric(12,2)", "character varying(5)".
struct NamedType {
  DataType type;                 // numeric: of its precision and scale, or (38, 0) without them
  bool has_precision = false;    // numeric(p), numeric(p, s)
  bool is_blank_padded = false;  // char(n), bpchar
  bool is_varchar = false;
  bool is_local_time = false;     // timestamp without time zone
  std::optional<int> max_length;  // of text, in code points
};

/// std::nullopt: no type that is known here; it may be the name of an enum. Case and blanks do not
/// matter. Thread-safe.
std::optional<NamedType> ParseTypeName(std::string_view name);

}  // namespace sextant
