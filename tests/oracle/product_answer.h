#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compute/column/table.h"
#include "compute/exec/query_executor.h"
#include "tests/oracle/answer.h"
#include "tests/oracle/case.h"

namespace sextant::oracle {

/// How the product is made to run a request: plans that must all give one answer.
struct Plan {
  enum class Threads { kCaller, kPool, kSmallRanges };
  Threads threads = Threads::kCaller;
  bool with_indexes = false;
  std::string name;
};

/// Runs requests over loaded tables by the product. Thread-safety: none.
class Product {
 public:
  Product();

  /// `excluded` and `rows_selected` are set.
  Answer Ask(const std::shared_ptr<const Table>& table, const TableCase& table_case,
             const RequestCase& request, const Plan& plan);

 private:
  absl::StatusOr<std::unique_ptr<ResultCursor>> Run(const BoundQuery& query,
                                                    const TenantScope& scope, const Plan& plan);

  WorkerPool pool_;
  QueryExecutor executor_;
};

}  // namespace sextant::oracle
