#pragma once

#include <map>
#include <string>

#include "tests/oracle/case.h"

namespace sextant::oracle {

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
  /// Combinations seen less often than `least`.
  std::string Missing(uint64_t least) const;

 private:
  struct Counts {
    uint64_t with_nulls = 0;
    uint64_t without_nulls = 0;
  };
  void CountExpr(const TableCase& table, const Expr& expr);

  std::map<std::string, Counts> counts_;
  uint64_t num_cases_ = 0;
  uint64_t num_non_empty_ = 0;
};

}  // namespace sextant::oracle
