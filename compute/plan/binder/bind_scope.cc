#include "compute/plan/binder/bind_scope.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

constexpr size_t kMaxListedNames = 20;

template <typename Visit>
void VisitColumns(Predicate& predicate, const Visit& visit);

template <typename Visit>
void VisitColumns(Expression& expression, const Visit& visit) {
  if (expression.kind == Expression::Kind::kColumn) visit(expression.name);
  for (Expression& argument : expression.arguments) VisitColumns(argument, visit);
  for (Predicate& condition : expression.conditions) VisitColumns(condition, visit);
}

/// Calls `visit` with the name of every column. Nodes that combine others have no value of their
/// own.
template <typename Visit>
void VisitColumns(Predicate& predicate, const Visit& visit) {
  const bool is_leaf = predicate.kind != Predicate::Kind::kAnd &&
                       predicate.kind != Predicate::Kind::kOr &&
                       predicate.kind != Predicate::Kind::kNot;
  // Names of another dataset.
  if (predicate.kind == Predicate::Kind::kExists) return;
  if (is_leaf) VisitColumns(predicate.value, visit);
  for (Expression& other : predicate.other) VisitColumns(other, visit);
  for (Predicate& child : predicate.children) VisitColumns(child, visit);
}

}  // namespace

BindScope::BindScope(const BoundQuery& query, int64_t as_of_us, const Dimensions& dimensions)
    : datasets_(query.datasets), dimensions_(dimensions) {
  for (const BoundDataset& dataset : datasets_) {
    contexts_.push_back({*dataset.schema, query.time_zone, query.limits, as_of_us, &parts_});
  }
}

std::string BindScope::ColumnOf(const std::string& name, size_t dataset) const {
  if (IsSelected(name, dataset)) return name;
  const auto dimension = dimensions_.columns.find(name);
  if (dimension == dimensions_.columns.end()) return name;
  const auto column = dimension->second.find(datasets_[dataset].name);
  return column == dimension->second.end() ? name : column->second;
}

bool BindScope::IsSelected(const std::string& name, size_t dataset) const {
  const BoundDerivedRows* const derived = datasets_[dataset].derived.get();
  if (derived == nullptr) return false;
  const std::vector<BoundMetric>& selected = derived->query.metrics;
  return std::any_of(selected.begin(), selected.end(),
                     [&](const BoundMetric& one) { return one.name == name; });
}

Predicate BindScope::In(Predicate predicate, size_t dataset) const {
  VisitColumns(predicate, [&](std::string& name) { name = ColumnOf(name, dataset); });
  return predicate;
}

absl::StatusOr<BoundPredicate> BindScope::Bind(const Predicate& predicate, size_t dataset) const {
  // A list of values may be long: it is copied only where a name may change.
  if (dimensions_.columns.empty()) return BindPredicate(contexts_[dataset], predicate);
  return BindPredicate(contexts_[dataset], In(predicate, dataset));
}

bool BindScope::Resolves(const std::string& name, size_t dataset) const {
  return datasets_[dataset].schema->Find(ColumnOf(name, dataset)).has_value();
}

std::vector<std::string> BindScope::NamesOfAll() const {
  std::set<std::string> candidates;
  for (const auto& [name, columns] : dimensions_.columns) candidates.insert(name);
  for (const Field& field : datasets_[0].schema->fields()) candidates.insert(field.name);
  std::vector<std::string> names;
  for (const std::string& name : candidates) {
    bool in_all = true;
    for (size_t i = 0; i < datasets_.size(); ++i) in_all = in_all && Resolves(name, i);
    if (in_all) names.push_back(name);
  }
  return names;
}

absl::Status BindScope::CheckName(const std::string& name, const std::string& field) const {
  if (datasets_.size() == 1) return absl::OkStatus();
  std::vector<std::string> without;
  for (size_t i = 0; i < datasets_.size(); ++i) {
    if (!Resolves(name, i)) without.push_back(absl::StrCat("'", datasets_[i].name, "'"));
  }
  if (without.empty()) return absl::OkStatus();
  std::vector<std::string> names = NamesOfAll();
  const size_t num_names = names.size();
  names.resize(std::min(num_names, kMaxListedNames));
  const std::string more =
      num_names > names.size() ? absl::StrCat(" and ", num_names - names.size(), " more") : "";
  const std::string message =
      absl::StrCat(field, ": '", name.substr(0, 64), "' is no column and no dimension of ",
                   absl::StrJoin(without, ", "), "; names that all datasets of the request have: ",
                   names.empty() ? "none" : absl::StrJoin(names, ", "), more);
  return WithDetail(
      absl::FailedPreconditionError(message),
      {.field = field, .nearest = std::move(names), .reason = "NAME_NOT_IN_ALL_DATASETS"});
}

absl::Status BindScope::CheckNames(const Predicate& predicate, const std::string& field) const {
  if (datasets_.size() == 1) return absl::OkStatus();
  for (const std::string& name : ColumnsOf(predicate)) {
    SEXTANT_RETURN_IF_ERROR(CheckName(name, field));
  }
  return absl::OkStatus();
}

std::vector<std::string> ColumnsOf(const Predicate& predicate) {
  std::vector<std::string> names;
  Predicate visited = predicate;
  VisitColumns(visited, [&](const std::string& name) { names.push_back(name); });
  return names;
}

}  // namespace sextant
