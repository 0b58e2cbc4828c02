#pragma once

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/oracle/answer.h"
#include "tests/oracle/case.h"
#include "tests/oracle/naive_value.h"

namespace sextant::oracle {

using AxisText = std::optional<std::string>;

/// The distinct members of an axis that the row is in, as canonical texts.
std::vector<AxisText> NaiveMembers(const TableCase& table, const NaiveRow& row,
                                   const AxisSpec& axis);

using Tuple = std::vector<AxisText>;

/// A group of the cells, of others or of a total, in which summed axes are NULL.
struct NaiveGroup {
  int grouping = 0;
  Tuple axes = {};
  friend bool operator<(const NaiveGroup& a, const NaiveGroup& b) {
    return std::tie(a.grouping, a.axes) < std::tie(b.grouping, b.axes);
  }
};

/// The tuples of which a row is: one member of each axis.
std::vector<Tuple> NaiveTuples(const TableCase& table, const NaiveRow& row,
                               const std::vector<AxisSpec>& axes);
/// The groups in which a row of these tuples counts, each once (rule 18). `kept` are those of a
/// top-N.
std::set<NaiveGroup> NaiveGroups(const RequestCase& request, const std::vector<Tuple>& tuples,
                                 const std::set<Tuple>& kept);
/// Whether the condition holds of a cell.
bool NaiveHaving(const HavingSpec& having, const AnswerRow& cell);

}  // namespace sextant::oracle
