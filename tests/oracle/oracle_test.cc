// Tries to prove the product wrong: random tables and requests, answered by the product in several
// plans, by SQL that a translator of the test writes, and by a naive engine.
//
//   SEXTANT_ORACLE_SEED=n      the cases of that seed instead of new ones
//   SEXTANT_ORACLE_CASES=n     so many (3,000)
//   SEXTANT_ORACLE_REPLAY=t:r  the one case of table seed t and request seed r
//   SEXTANT_ORACLE_SQL=0       without SQL: the naive engine alone is what is compared with, faster
//   SEXTANT_ORACLE_STOP=1      stop at the first finding, without making it small

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/oracle/runner.h"
#include "tests/oracle/running_case.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant::oracle {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif
constexpr uint64_t kDefaultCases = kIsSanitized ? 400 : 3'000;
constexpr size_t kTablesPerLoad = 10;
constexpr size_t kMaxFindings = 3;
constexpr uint64_t kLeastUses = 20;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Cases that nothing was sought for: the rest of 3,000 is enough to find all that is asked for.
constexpr uint64_t kPlainCases = 1'000;

/// What no request asks for by itself may be missing for ever: one table in so many cases, at most.
constexpr uint64_t kLeastCasesPerTable = 4;

/// 0.7 of all requests there are, of which 0.73 have an answer that is not empty. Those of a table
/// are alike, so that the share of 3,000 spreads by 0.017, and that of 400 by 0.045.
double LeastShareOfNonEmpty(uint64_t num_cases) {
  if (num_cases < 2'000) return 0.55;
  return num_cases < 20'000 ? 0.65 : 0.70;
}

bool HasSql() { return !kIsSanitized && FromEnvironment("SEXTANT_ORACLE_SQL", 1) != 0; }

/// Without SQL nothing is printed either, and not all can be found.
RunnerOptions Options() {
  RunnerOptions options = {.with_sql = HasSql(), .with_large_tables = !kIsSanitized};
  options.least_uses = kLeastUses;
  if (HasSql()) options.seek_after = kPlainCases;
  return options;
}

TEST(OracleTest, NoAnswerDiffersFromSqlOrFromTheNaiveEngine) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const uint64_t fresh = static_cast<uint64_t>(now / std::chrono::milliseconds(1)) % 1'000'000'000;
  const uint64_t seed = FromEnvironment("SEXTANT_ORACLE_SEED", fresh);
  const uint64_t num_cases = FromEnvironment("SEXTANT_ORACLE_CASES", kDefaultCases);
  std::cout << "SEXTANT_ORACLE_SEED=" << seed << " SEXTANT_ORACLE_CASES=" << num_cases << std::endl;
  TellRunningCaseOnCrash();
  Runner runner(PostgresCluster::Shared().CreateDatabase(), Options());
  if (const char* replay = std::getenv("SEXTANT_ORACLE_REPLAY"); replay != nullptr) {
    char* rest = nullptr;
    const uint64_t table_seed = std::strtoull(replay, &rest, 10);
    const uint64_t request_seed = std::strtoull(rest + 1, nullptr, 10);
    const std::string difference = runner.RunOne(table_seed, request_seed);
    EXPECT_EQ(difference, "") << runner.Explain({1, table_seed, request_seed, difference});
    return;
  }
  std::vector<Finding> findings;
  const uint64_t first_table = seed * 100'000;
  uint64_t next_table = first_table;
  const auto needs_more = [&] {
    if (kLeastCasesPerTable * (next_table - first_table) > 2 * num_cases) return false;
    const uint64_t num_run = runner.coverage().num_cases();
    if (num_run < num_cases) return true;
    const bool seeks = HasSql() && num_cases >= kDefaultCases;
    return seeks && num_run < 2 * num_cases && !runner.coverage().Missing(kLeastUses).empty();
  };
  while (needs_more() && findings.size() < kMaxFindings) {
    std::vector<uint64_t> seeds;
    while (seeds.size() < kTablesPerLoad) seeds.push_back(next_table++);
    for (Finding& finding : runner.RunTables(seeds, kMaxFindings - findings.size())) {
      std::cout << "case " << finding.case_number << " differs: " << finding.difference
                << "\n  SEXTANT_ORACLE_REPLAY=" << finding.table_seed << ":" << finding.request_seed
                << std::endl;
      if (std::getenv("SEXTANT_ORACLE_STOP") != nullptr) GTEST_FAIL();
      findings.push_back(std::move(finding));
    }
  }
  for (const Finding& finding : findings) ADD_FAILURE() << runner.Explain(finding);
  Coverage& coverage = runner.coverage();
  std::cout << coverage.Table() << "cases " << coverage.num_cases() << ", non-empty answers "
            << 100 * coverage.share_of_non_empty() << " %" << std::endl;
  if (num_cases < kDefaultCases || !findings.empty()) return;
  EXPECT_GE(coverage.share_of_non_empty(), LeastShareOfNonEmpty(coverage.num_cases()));
  if (!HasSql()) return;
  EXPECT_EQ(coverage.Missing(kLeastUses), "");
}

}  // namespace
}  // namespace sextant::oracle
