#include "tests/oracle/tenant_check.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/oracle/naive_engine.h"

namespace sextant::oracle {
namespace {

const Plan kPlain = {Plan::Threads::kCaller, false, "one thread"};
/// No tenant is answered with what was kept for another.
const Plan kKept = {Plan::Threads::kPool, false, "kept answers", false, true};

Expr ColumnOf(const TableCase& table, int column) {
  return {
      .op = Op::kColumn, .type = table.columns[static_cast<size_t>(column)].type, .column = column};
}

/// count(*), and the sums of the columns of which they always fit.
RequestCase SumsOf(const TableCase& table, const RequestCase& request) {
  RequestCase sums;
  sums.zone = request.zone;
  sums.filter = request.filter;
  sums.series = {{}};
  sums.metrics = {{.name = "n"}};
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const Type& type = table.columns[i].type;
    const bool fits = i == 0 || type.kind == Kind::kInt2 || type.kind == Kind::kInt4 ||
                      (type.kind == Kind::kNumeric && type.precision <= 18);
    if (!fits) continue;
    MetricSpec metric = {.name = absl::StrCat("s", i)};
    metric.aggregate.kind = Aggregate::kSum;
    metric.aggregate.args = {ColumnOf(table, static_cast<int>(i))};
    sums.metrics.push_back(std::move(metric));
  }
  return sums;
}

/// Adds the values of the one cell, if there is one; decimals in their units.
std::string AddTo(const Answer& answer, std::vector<Int128>& sums) {
  if (answer.outcome != Answer::Outcome::kRows) return "not answered: " + answer.message;
  for (const AnswerRow& row : answer.rows) {
    for (size_t i = 0; i < sums.size(); ++i) {
      if (!row.values[i].exists) continue;
      std::string digits = row.values[i].text;
      std::erase(digits, '.');
      sums[i] += *ParseInt128(digits);
    }
  }
  return "";
}

}  // namespace

std::vector<std::string> TenantsOf(const TableCase& table) {
  const auto column = static_cast<size_t>(table.tenant);
  std::set<std::string> tenants;
  for (const Row& row : table.rows) {
    if (!row[column].is_null) {
      tenants.insert(CanonicalText(table.columns[column].type, row[column]));
    }
  }
  return {tenants.begin(), tenants.end()};
}

TableCase WithoutTenants(const TableCase& table) {
  TableCase without = table;
  without.tenant = -1;
  return without;
}

std::string TenantDifference(Product& product, const Versions& versions, const TableCase& table,
                             const RequestCase& request) {
  const auto column = static_cast<size_t>(table.tenant);
  for (const std::string& tenant : TenantsOf(table)) {
    TableCase alone = WithoutTenants(table);
    std::erase_if(alone.rows, [&](const Row& row) {
      return row[column].is_null ||
             CanonicalText(table.columns[column].type, row[column]) != tenant;
    });
    RequestCase one = request;
    one.tenant.clear();
    const Answer expected = AskNaively(alone, one);
    if (expected.outcome == Answer::Outcome::kTooLarge) continue;
    one.tenant = tenant;
    const Answer actual = product.Ask(versions, table, one, kKept);
    std::string difference = Difference(request, expected, actual);
    if (difference.empty()) difference = OrderDifference(table, request, actual);
    if (!difference.empty()) return absl::StrCat("tenant ", tenant, " alone: ", difference);
  }
  return "";
}

std::string TenantSumDifference(Product& product, const Versions& versions,
                                const Versions& untenanted, const TableCase& table,
                                const RequestCase& request) {
  RequestCase sums = SumsOf(table, request);
  std::vector<Int128> of_tenants(sums.metrics.size());
  for (const std::string& tenant : TenantsOf(table)) {
    sums.tenant = tenant;
    const std::string failed = AddTo(product.Ask(versions, table, sums, kPlain), of_tenants);
    if (!failed.empty()) return failed;
  }
  sums.tenant.clear();
  sums.filter.push_back(Condition(Op::kIsNull, {ColumnOf(table, table.tenant)}, "", true));
  if (sums.filter.size() > 1) {
    sums.filter = {Condition(Op::kAnd, {sums.filter[0], sums.filter[1]})};
  }
  std::vector<Int128> of_all(sums.metrics.size());
  const std::string failed =
      AddTo(product.Ask(untenanted, WithoutTenants(table), sums, kPlain), of_all);
  if (!failed.empty()) return failed;
  for (size_t i = 0; i < of_all.size(); ++i) {
    if (of_all[i] == of_tenants[i]) continue;
    return absl::StrCat("tenants add up to ", Int128Text(of_tenants[i]), " of ",
                        sums.metrics[i].name, ", all to ", Int128Text(of_all[i]));
  }
  return "";
}

}  // namespace sextant::oracle
