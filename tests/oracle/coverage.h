#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/oracle/case.h"

namespace sextant::oracle {

/// What a case uses (the names of coverage_goals.h), and whether the values had NULLs.
using CaseFeatures = std::set<std::pair<std::string, bool>>;

/// What the cases of a run were about: operators and aggregates by type and by whether the values
/// they met had NULLs.
class Coverage {
 public:
  void Count(const TableCase& table, const RequestCase& request, bool is_empty);
  /// Something that was tried, besides.
  void Note(const std::string& what) { ++counts_[what].without_nulls; }

  /// One line per operator and type: with NULLs, without.
  std::string Table() const;
  double share_of_non_empty() const;
  uint64_t num_cases() const { return num_cases_; }
  /// Whether the case uses what CoverageGoals() asks for and was seen less often than
  /// `of_most`, or than its own least.
  bool IsWanted(const TableCase& table, const RequestCase& request, uint64_t of_most);
  /// A line for each of CoverageGoals() that was seen less often than `of_most`, or than its
  /// own least.
  std::string Missing(uint64_t of_most);

 private:
  struct Counts {
    uint64_t with_nulls = 0;
    uint64_t without_nulls = 0;
  };
  CaseFeatures FeaturesOf(const TableCase& table, const RequestCase& request);

  std::map<std::string, Counts> counts_;
  uint64_t table_seed_ = 0;     // of has_null_
  std::vector<bool> has_null_;  // per column
  uint64_t num_cases_ = 0;
  uint64_t num_non_empty_ = 0;
};

}  // namespace sextant::oracle
