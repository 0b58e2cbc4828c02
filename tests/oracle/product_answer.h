#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compute/column/table.h"
#include "compute/exec/query_executor.h"
#include "tests/oracle/answer.h"
#include "tests/oracle/case.h"

namespace sextant::oracle {

/// The versions of the tables that a request may ask.
using Versions = std::map<std::string, std::shared_ptr<const Table>>;
/// A request as it is bound, and its tables in the order of DatasetsOf.
struct BoundCase {
  BoundQuery query;
  std::vector<std::shared_ptr<const Table>> tables;
  TenantClaim claim;
};
/// One per dataset of the query; of a derived one that of the dataset it is made of.
absl::StatusOr<std::vector<TenantScope>> ScopesOf(const BoundCase& bound);
absl::StatusOr<BoundCase> BindCase(const Versions& versions, const TableCase& table,
                                   const RequestCase& request);

/// How the product is made to run a request: plans that must all give one answer.
struct Plan {
  enum class Threads { kCaller, kPool, kSmallRanges };
  Threads threads = Threads::kCaller;
  bool with_indexes = false;
  std::string name;
  bool with_partitions = false;  // with kSmallRanges: of cells, wherever that can be
  bool keeps_answers = false;    // with kPool: an equal request before may have answered it
};

/// Runs requests over loaded tables by the product. Thread-safety: none.
class Product {
 public:
  Product();

  /// `excluded`, `rows_selected`, `rows_out_of_range`, `chunks_skipped` and `is_kept` are set.
  Answer Ask(const Versions& versions, const TableCase& table, const RequestCase& request,
             const Plan& plan);

 private:
  absl::StatusOr<std::unique_ptr<ResultCursor>> Run(const BoundQuery& query,
                                                    std::vector<TenantScope> scopes,
                                                    const Plan& plan);

  WorkerPool pool_;
  QueryExecutor executor_;
  ResultCache results_;
  DerivedRowsCache derived_;
  QueryExecutor keeping_executor_;
};

}  // namespace sextant::oracle
