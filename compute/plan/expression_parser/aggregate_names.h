#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compute/plan/expression.h"

namespace sextant {

/// How an aggregate takes its values.
enum class AggregateShape {
  kCount,        // count(*), count(x), count(DISTINCT x)
  kOne,          // f(x)
  kTwo,          // f(y, x)
  kWithinGroup,  // f([fraction]) WITHIN GROUP (ORDER BY x)
  kArray,        // (array_agg(x ORDER BY y))[..]
};

struct AggregateEntry {
  const char* name;  // lower case, as PostgreSQL's parser gives it
  AggregateKind kind;
  AggregateShape shape;
};

/// nullptr where no aggregate has that name. Thread-safe, as all here.
const AggregateEntry* FindAggregateNamed(std::string_view name);

/// The names of all, sorted, and how they are written, for errors.
std::vector<std::string> NamesOfAggregates();
std::string AllowedAggregates();

}  // namespace sextant
