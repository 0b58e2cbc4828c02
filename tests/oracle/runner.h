#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/oracle/coverage.h"
#include "tests/oracle/postgres_link.h"
#include "tests/oracle/printed_sql.h"
#include "tests/oracle/product_answer.h"
#include "tests/oracle/sql_oracle.h"
#include "tests/oracle/table_generator.h"

namespace sextant::oracle {

struct RunnerOptions {
  /// Ask PostgreSQL too, and not only the naive engine.
  bool with_sql = true;
  /// Tables of 65,535 rows and more among the cases.
  bool with_large_tables = true;
  size_t requests_per_table = 50;
  /// After so many cases, those are sought that use what few did.
  uint64_t seek_after = ~uint64_t{0};
  uint64_t least_uses = 20;  // of each of CoverageGoals()
};

/// A case in which the product, or one oracle, says something else.
struct Finding {
  uint64_t case_number = 0;  // from 1
  uint64_t table_seed = 0;
  uint64_t request_seed = 0;
  std::string difference;
};

/// Makes cases from seeds, asks everybody and compares. Thread-safety: none.
class Runner {
 public:
  Runner(const std::string& conninfo, RunnerOptions options);

  /// Runs the cases of the tables of these seeds; stops after `max_findings`.
  std::vector<Finding> RunTables(const std::vector<uint64_t>& table_seeds, size_t max_findings);
  /// One case again; the difference, or empty.
  std::string RunOne(uint64_t table_seed, uint64_t request_seed);
  /// The finding's case made small, with rows and SQL.
  std::string Explain(const Finding& finding);

  Coverage& coverage() { return coverage_; }

 private:
  struct Loaded {
    GeneratedTable generated;
    Versions wide;       // in chunks of 64 Ki rows
    Versions narrow;     // of 7
    Versions indexed;    // `wide`, for all indexes
    Versions half_wide;  // `wide` and `narrow` with half of the indexes
    Versions half_narrow;
    Versions untenanted;  // of a table with tenants: loaded as if it had none
  };
  void Create(const TableCase& table);
  void NotePlan(const Loaded& loaded, const RequestCase& request);
  /// The loader chooses by the first chunk, so that plans differ.
  void NoteDictionaries(const Loaded& loaded);
  void Drop(const TableCase& table);
  std::vector<Loaded> Load(std::vector<GeneratedTable> tables);
  /// The seeds of the requests to make of a table.
  std::vector<uint64_t> RequestSeeds(const GeneratedTable& generated);
  std::string Compare(const Loaded& loaded, const RequestCase& request);
  std::string ComparePrinted(const Loaded& loaded, const RequestCase& request,
                             const Answer& expected);
  std::string CheckPartition(const Loaded& loaded, const RequestCase& request);
  std::string CheckTenants(const Loaded& loaded, const RequestCase& request);
  void LoadUntenanted(std::vector<Loaded>& loaded) const;

  const std::string conninfo_;
  const RunnerOptions options_;
  PostgresLink postgres_;
  SqlOracle sql_;
  PrintedSql printed_;
  Product product_;
  Coverage coverage_;
  uint64_t num_cases_ = 0;
};

/// The seed of request `index` of a table.
uint64_t RequestSeed(uint64_t table_seed, size_t index);

}  // namespace sextant::oracle
