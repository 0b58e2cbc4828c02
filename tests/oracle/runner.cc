#include "tests/oracle/runner.h"

#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/oracle/dataset_split.h"
#include "tests/oracle/describe.h"
#include "tests/oracle/indexed_copy.h"
#include "tests/oracle/key_split.h"
#include "tests/oracle/linked_cases.h"
#include "tests/oracle/naive_engine.h"
#include "tests/oracle/naive_value.h"
#include "tests/oracle/plan_uses.h"
#include "tests/oracle/product_table.h"
#include "tests/oracle/request_generator.h"
#include "tests/oracle/running_case.h"
#include "tests/oracle/shrink.h"
#include "tests/oracle/sql_text.h"
#include "tests/oracle/tenant_check.h"

namespace sextant::oracle {
namespace {

constexpr size_t kLargeRows = 10'000;
constexpr int kShrinkAttempts = 150;
constexpr size_t kSoughtRequests = 1'000;

const Plan kPlain = {Plan::Threads::kCaller, false, "one thread, chunks of 64 Ki"};
const Plan kNarrow = {Plan::Threads::kSmallRanges, false, "small ranges, small chunks"};
const Plan kPooled = {Plan::Threads::kPool, true, "a pool of threads, indexes built meanwhile"};
const Plan kIndexed = {Plan::Threads::kCaller, false, "one thread, all indexes"};
const Plan kHalfWide = {Plan::Threads::kCaller, false, "one thread, half of the indexes"};
const Plan kHalfNarrow = {Plan::Threads::kSmallRanges, false,
                          "small ranges, small chunks, half of the indexes, cells by partitions",
                          true};
const Plan kKept = {Plan::Threads::kPool, false, "a pool of threads, answers kept", false, true};

/// Fewer rows than a range of the plans, and at times those of several words of a bitmap. Tables
/// that are loaded together have the same, and so has one of them that is loaded alone.
uint32_t SmallChunkRows(uint64_t table_seed) { return table_seed / 10 % 4 == 1 ? 131 : 7; }

}  // namespace

uint64_t RequestSeed(uint64_t table_seed, size_t index) { return table_seed * 1'000 + index; }

Runner::Runner(const std::string& conninfo, RunnerOptions options)
    : conninfo_(conninfo),
      options_(options),
      postgres_(conninfo),
      sql_(postgres_),
      printed_(conninfo) {
  postgres_.RunOrDie(PreludeSql());
  // Of its subqueries PostgreSQL expects a few rows, and would go through all pairs of thousands.
  postgres_.RunOrDie("SET statement_timeout = '120s'; SET jit = off; SET enable_nestloop = off");
}

void Runner::Create(const TableCase& table) {
  const auto create = [this](const TableCase& stored) {
    postgres_.RunOrDie(CreateTableSql(stored));
    postgres_.CopyOrDie(stored.name, CopyText(stored));
  };
  if (table.links.empty()) return create(table);
  create(StoredCase(table));
  for (const auto& linked : LinkedCases(table)) create(*linked);
  postgres_.RunOrDie(CreateRowsSql(table));
}

std::vector<Runner::Loaded> Runner::Load(std::vector<GeneratedTable> tables) {
  std::deque<TableCase> parts;
  std::vector<const TableCase*> cases;
  std::vector<size_t> ends;
  bool is_large = false;
  for (const GeneratedTable& generated : tables) {
    const TableCase& table = generated.table;
    Create(table);
    cases.push_back(&table);
    is_large = is_large || table.rows.size() > kLargeRows;
    for (int dataset = 0; table.second >= 0 && dataset < 2; ++dataset) {
      postgres_.RunOrDie(CreateDatasetSql(table, dataset));
      cases.push_back(&parts.emplace_back(DatasetCase(table, dataset)));
    }
    if (table.has_keys) {
      postgres_.RunOrDie(CreateKeyedSql(table));
      cases.push_back(&parts.emplace_back(KeyedCase(table)));
    }
    for (const auto& linked : LinkedCases(table)) cases.push_back(linked.get());
    ends.push_back(cases.size());
  }
  const auto wide = LoadTables(conninfo_, cases, kMaxChunkRows);
  const auto narrow =
      LoadTables(conninfo_, cases, is_large ? 5'003 : SmallChunkRows(tables[0].table.seed));
  std::vector<Loaded> loaded;
  size_t at = 0;
  for (GeneratedTable& generated : tables) {
    Loaded& one = loaded.emplace_back();
    for (; at < ends[loaded.size() - 1]; ++at) {
      const std::string& name = cases[at]->name;
      one.wide[name] = wide[at];
      one.narrow[name] = narrow[at];
      one.indexed[name] = WithoutIndexes(wide[at]);
      one.half_wide[name] = WithHalfOfItsIndexes(wide[at]);
      one.half_narrow[name] = WithHalfOfItsIndexes(narrow[at]);
    }
    one.generated = std::move(generated);
  }
  LoadUntenanted(loaded);
  return loaded;
}

void Runner::LoadUntenanted(std::vector<Loaded>& loaded) const {
  std::deque<TableCase> without;
  std::vector<const TableCase*> cases;
  for (const Loaded& one : loaded) {
    const TableCase& table = one.generated.table;
    if (table.tenant < 0 || table.rows.size() > kLargeRows || !table.links.empty()) continue;
    cases.push_back(&without.emplace_back(WithoutTenants(table)));
  }
  if (cases.empty()) return;
  const auto versions = LoadTables(conninfo_, cases, kMaxChunkRows);
  for (size_t i = 0; i < cases.size(); ++i) {
    for (Loaded& one : loaded) {
      const std::string& name = one.generated.table.name;
      if (name == cases[i]->name) one.untenanted[name] = versions[i];
    }
  }
}

void Runner::Drop(const TableCase& table) {
  postgres_.RunOrDie("DROP TABLE " + table.name);
  for (int dataset = 0; table.second >= 0 && dataset < 2; ++dataset) {
    postgres_.RunOrDie("DROP TABLE " + DatasetCase(table, dataset).name);
  }
  if (table.has_keys) postgres_.RunOrDie("DROP TABLE " + KeyedCase(table).name);
  for (const auto& linked : LinkedCases(table)) postgres_.RunOrDie("DROP TABLE " + linked->name);
  if (!table.links.empty()) postgres_.RunOrDie("DROP TABLE " + RowsName(table));
}

std::string Runner::Compare(const Loaded& loaded, const RequestCase& request) {
  const TableCase& table = loaded.generated.table;
  const Answer naive = AskNaively(table, request);
  if (naive.outcome == Answer::Outcome::kTooLarge) {
    coverage_.Note("too large for the naive engine, not compared");
    return "";
  }
  coverage_.Count(table, request, naive.rows.empty() && naive.outcome == Answer::Outcome::kRows);
  if (naive.has_wide_running_total) coverage_.Note("running total beyond 128 bits");
  if (options_.with_sql) {
    Answer expected = sql_.Ask(table, request);
    if (naive.outcome == Answer::Outcome::kUnknown) expected.outcome = naive.outcome;
    RequestCase unlimited = request;
    unlimited.limit.reset();
    Answer comparable = naive;
    comparable.excluded.reset();
    const std::string difference = Difference(unlimited, expected, comparable);
    if (!difference.empty()) return "the naive engine against SQL: " + difference;
    const std::string from_sql =
        Difference(request, expected, product_.Ask(loaded.wide, table, request, kPlain));
    if (!from_sql.empty()) return absl::StrCat(kPlain.name, ", against SQL: ", from_sql);
  }
  if (options_.with_sql) {
    const std::string printed = ComparePrinted(loaded, request, naive);
    if (!printed.empty()) return "the printed SQL: " + printed;
  }
  NotePlan(loaded, request);
  const auto ask = [&](const Plan& plan, const Versions& versions) {
    const Answer actual = product_.Ask(versions, table, request, plan);
    if (actual.is_kept) coverage_.Note("answer that was kept");
    if (actual.chunks_skipped > 0) coverage_.Note("chunks that their bounds rule out");
    if (actual.rows_out_of_range > 0) coverage_.Note("chunks out of the range of time");
    std::string difference = Difference(request, naive, actual);
    if (difference.empty()) difference = OrderDifference(table, request, actual);
    return difference.empty() ? difference : absl::StrCat(plan.name, ": ", difference);
  };
  std::string difference = ask(kPlain, loaded.wide);
  if (difference.empty()) difference = ask(kNarrow, loaded.narrow);
  // The first of these leaves all indexes behind.
  if (difference.empty() && request.seed % 3 == 0) difference = ask(kPooled, loaded.indexed);
  if (difference.empty() && request.seed % 3 != 0) difference = ask(kIndexed, loaded.indexed);
  if (difference.empty()) {
    difference = request.seed % 2 == 0 ? ask(kHalfWide, loaded.half_wide)
                                       : ask(kHalfNarrow, loaded.half_narrow);
  }
  for (int time = 0; time < 2 && difference.empty() && request.seed % 3 == 1; ++time) {
    difference = ask(kKept, loaded.wide);
  }
  if (difference.empty() && request.seed % 4 == 0) difference = CheckPartition(loaded, request);
  if (difference.empty() && request.seed % 3 == 0) difference = CheckTenants(loaded, request);
  return difference;
}

std::string Runner::ComparePrinted(const Loaded& loaded, const RequestCase& request,
                                   const Answer& expected) {
  if (expected.outcome != Answer::Outcome::kRows) return "";
  const TableCase& table = loaded.generated.table;
  const Answer printed = printed_.Ask(loaded.wide, table, request);
  if (printed.outcome == Answer::Outcome::kUnknown) {
    coverage_.Note("printed SQL out of range");
    return "";
  }
  coverage_.Note("printed SQL");
  const std::string difference = Difference(request, expected, printed);
  return difference.empty() ? OrderDifference(table, request, printed) : difference;
}

std::string Runner::CheckPartition(const Loaded& loaded, const RequestCase& request) {
  if (request.filter.empty() || request.is_of_datasets) return "";
  // p, NOT p and what is neither are all rows.
  const TableCase& table = loaded.generated.table;
  RequestCase counting;
  counting.zone = request.zone;
  counting.tenant = request.tenant;
  counting.series = {{}};
  counting.metrics = {{.name = "n"}};
  const auto count = [&](const std::vector<Expr>& filter) {
    counting.filter = filter;
    const Answer answer = product_.Ask(loaded.wide, table, counting, kPlain);
    return answer.outcome == Answer::Outcome::kRows ? answer.rows_selected.value_or(0)
                                                    : ~uint64_t{0};
  };
  const uint64_t num_true = count(request.filter);
  const uint64_t num_false = count({Condition(Op::kNot, {request.filter[0]})});
  uint64_t num_null = 0;
  const uint64_t num_all = count({});
  for (const Row& row : table.rows) {
    const bool is_in = NaiveScope(table, request.tenant, row);
    const NaiveRow values(table, row, request.zone);
    num_null += is_in && values.Evaluate(request.filter[0]).is_null ? 1 : 0;
  }
  if (num_true + num_false + num_null == num_all) return "";
  return absl::StrCat("a filter does not partition: ", num_true, " + ", num_false, " + ", num_null,
                      " of ", num_all);
}

void Runner::NotePlan(const Loaded& loaded, const RequestCase& request) {
  const TableCase& table = loaded.generated.table;
  if (table.is_ordered_by_time) coverage_.Note("declared order");
  if (table.has_late_repeats) coverage_.Note("dictionary of late repeats");
  const absl::StatusOr<BoundCase> bound = BindCase(loaded.indexed, table, request);
  if (!bound.ok() || request.is_per_key) return;
  for (const std::string& use : PlanUses(*bound, *bound->tables[0])) coverage_.Note(use);
}

void Runner::NoteDictionaries(const Loaded& loaded) {
  const TableCase& table = loaded.generated.table;
  if (table.rows.size() > kLargeRows) return;
  const auto has_dictionary = [](const Table& version, ColumnIndex column) {
    return version.facts(column).dictionary != nullptr;
  };
  const Table& wide = *loaded.wide.at(table.name);
  const Table& narrow = *loaded.narrow.at(table.name);
  for (const Column& column : table.columns) {
    if (column.type.kind != Kind::kText) continue;
    const ColumnIndex index = *wide.schema().Find(column.name);
    if (has_dictionary(wide, index) == has_dictionary(narrow, index)) continue;
    coverage_.Note("text in a dictionary in one version, plain in the other");
  }
}

std::string Runner::CheckTenants(const Loaded& loaded, const RequestCase& request) {
  const TableCase& table = loaded.generated.table;
  const bool is_checked = table.tenant >= 0 && table.rows.size() <= kLargeRows;
  if (!is_checked || TenantsOf(table).empty()) return "";
  coverage_.Note("each tenant alone");
  const std::string difference = TenantDifference(product_, loaded.wide, table, request);
  const bool adds_up = !loaded.untenanted.empty() && !request.is_of_datasets && !request.is_per_key;
  if (!difference.empty() || !adds_up) return difference;
  coverage_.Note("tenants add up");
  return TenantSumDifference(product_, loaded.wide, loaded.untenanted, table, request);
}

std::vector<uint64_t> Runner::RequestSeeds(const GeneratedTable& generated) {
  std::vector<uint64_t> seeds;
  const bool is_large = generated.table.rows.size() > kLargeRows;
  const bool seeks = !is_large && coverage_.num_cases() >= options_.seek_after;
  const bool is_met = !seeks || coverage_.Missing(options_.least_uses).empty();
  const auto plain_seeds = [&] {
    std::vector<uint64_t> plain;
    for (size_t i = 0; i < options_.requests_per_table; i += is_large ? 10 : 1) {
      plain.push_back(RequestSeed(generated.table.seed, i));
    }
    return plain;
  };
  if (is_met) return plain_seeds();
  for (size_t i = 0; i < kSoughtRequests && seeds.size() < options_.requests_per_table; ++i) {
    const uint64_t seed = RequestSeed(generated.table.seed, i);
    const RequestCase request = GenerateRequest(seed, generated);
    if (coverage_.IsWanted(generated.table, request, options_.least_uses)) seeds.push_back(seed);
  }
  // What is missing shows only when a request is answered.
  return seeds.empty() ? plain_seeds() : seeds;
}

std::vector<Finding> Runner::RunTables(const std::vector<uint64_t>& table_seeds,
                                       size_t max_findings) {
  std::vector<GeneratedTable> tables;
  for (const uint64_t seed : table_seeds) {
    tables.push_back(GenerateTable(seed, options_.with_large_tables));
  }
  const std::vector<Loaded> all = Load(std::move(tables));
  std::vector<Finding> findings;
  for (const Loaded& loaded : all) {
    const TableCase& table = loaded.generated.table;
    NoteDictionaries(loaded);
    for (const uint64_t seed : RequestSeeds(loaded.generated)) {
      ++num_cases_;
      SetRunningCase(table.seed, seed);
      std::string difference = Compare(loaded, GenerateRequest(seed, loaded.generated));
      if (difference.empty()) continue;
      findings.push_back({num_cases_, table.seed, seed, std::move(difference)});
      if (findings.size() >= max_findings) break;
    }
    Drop(table);
    if (findings.size() >= max_findings) break;
  }
  return findings;
}

std::string Runner::RunOne(uint64_t table_seed, uint64_t request_seed) {
  const std::vector<Loaded> loaded = Load({GenerateTable(table_seed, options_.with_large_tables)});
  SetRunningCase(table_seed, request_seed);
  return Compare(loaded[0], GenerateRequest(request_seed, loaded[0].generated));
}

std::string Runner::Explain(const Finding& finding) {
  GeneratedTable generated = GenerateTable(finding.table_seed, options_.with_large_tables);
  RequestCase request = GenerateRequest(finding.request_seed, generated);
  std::string difference = finding.difference;
  const Fails fails = [&](const TableCase& table, const RequestCase& smaller) {
    const std::string found = Compare(Load({{table, generated.focus}})[0], smaller);
    if (!found.empty()) difference = found;
    return !found.empty();
  };
  Shrink(generated.table, request, fails, kShrinkAttempts);
  return absl::StrCat("case ", finding.case_number, ": ", finding.difference,
                      "\n  made small: ", difference, "\n", Describe(generated.table, request),
                      "\n", options_.with_sql ? sql_.last_sql() : "", "\n-- printed:\n",
                      printed_.last_sql(), "\n");
}

}  // namespace sextant::oracle
