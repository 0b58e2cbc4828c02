#include "tests/bench/peers/row_variant.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace sextant::peers {
namespace {

constexpr std::array<std::pair<std::string_view, RowVariant>, 4> kNames = {
    {{"plain", RowVariant::kPlain},
     {"shuffled", RowVariant::kShuffled},
     {"null_heavy", RowVariant::kNullHeavy},
     {"all_distinct", RowVariant::kAllDistinct}}};

// Columns of "pr" that have a NULL somewhere; every peer declares them so.
constexpr std::array kNullable = {"merger",         "releaser",     "environment",  "first_review",
                                  "approved",       "merged",       "closed",       "released",
                                  "first_deployed", "jira_id",      "jira_project", "jira_priority",
                                  "jira_type",      "story_points", "lead_time",    "review_time"};
constexpr std::array kDistinct = {"jira_id",  "story_points", "lead_time", "review_time",
                                  "comments", "created",      "updated"};

template <size_t kSize>
bool Has(const std::array<const char*, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr int64_t kFirstInstant = 1'672'531'200;  // 2023-01-01T00:00Z
constexpr uint64_t kStride = 2'654'435'761;       // a prime

/// The same for the same place, in no order.
uint64_t Scattered(uint64_t row, uint64_t column) {
  uint64_t mixed = (row * 64 + column + 1) * 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ mixed >> 32) * 0xbf58476d1ce4e5b9u;
  return mixed ^ mixed >> 29;
}

}  // namespace

std::optional<RowVariant> RowVariantOf(std::string_view name) {
  for (const auto& [known, variant] : kNames) {
    if (known == name) return variant;
  }
  return std::nullopt;
}

std::vector<std::string> RowVariantNames() {
  std::vector<std::string> names;
  for (const auto& [name, variant] : kNames) names.emplace_back(name);
  return names;
}

uint64_t ShuffledRow(uint64_t row, uint64_t num_rows) {
  uint64_t stride = kStride % num_rows;
  while (std::gcd(stride, num_rows) != 1) ++stride;
  return row * stride % num_rows;
}

VariantSink::VariantSink(RowVariant variant, std::span<const Field> fields, RowSink& sink)
    : sink_(sink) {
  for (const Field& field : fields) {
    const bool is_null = variant == RowVariant::kNullHeavy && Has(kNullable, field.name);
    const bool is_distinct = variant == RowVariant::kAllDistinct && Has(kDistinct, field.name);
    changes_.push_back(is_null       ? Change::kMostlyNull
                       : is_distinct ? Change::kDistinct
                                     : Change::kNone);
    kinds_.push_back(field.type.kind);
  }
}

bool VariantSink::Keeps() {
  const size_t column = column_++;
  if (changes_[column] == Change::kNone) return true;
  if (changes_[column] == Change::kMostlyNull) return Scattered(row_, column) % 10 == 0;
  return false;
}

void VariantSink::WriteChanged() {
  const size_t column = column_ - 1;
  if (changes_[column] == Change::kMostlyNull) return sink_.Null();
  const auto unique = static_cast<int64_t>(row_);
  switch (kinds_[column]) {
    case TypeKind::kText:
      return sink_.Text("PROJ" + std::to_string(row_ % 40) + "-" + std::to_string(row_));
    case TypeKind::kTimestamp:
      return sink_.Timestamp(kFirstInstant + unique * 7);
    case TypeKind::kFloat64:
      return sink_.Float(static_cast<double>(row_) / 7.0);
    default:
      return sink_.Integer(unique * 7 % 1'000'000'007);
  }
}

void VariantSink::Null() { Keeps() ? sink_.Null() : WriteChanged(); }
void VariantSink::Bool(bool value) { Keeps() ? sink_.Bool(value) : WriteChanged(); }
void VariantSink::Integer(int64_t value) { Keeps() ? sink_.Integer(value) : WriteChanged(); }
void VariantSink::Float(double value) { Keeps() ? sink_.Float(value) : WriteChanged(); }
void VariantSink::Text(std::string_view value) { Keeps() ? sink_.Text(value) : WriteChanged(); }
void VariantSink::Timestamp(int64_t value) { Keeps() ? sink_.Timestamp(value) : WriteChanged(); }
void VariantSink::List(std::span<const std::string> elements) {
  Keeps() ? sink_.List(elements) : WriteChanged();
}

absl::Status VariantSink::EndRow() {
  column_ = 0;
  ++row_;
  return sink_.EndRow();
}

}  // namespace sextant::peers
