#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compute/column/schema.h"
#include "tests/bench/peers/row_sink.h"

namespace sextant::peers {

/// Another shape of the same rows.
enum class RowVariant {
  kPlain,
  /// The rows in another order, so that nothing ascends.
  kShuffled,
  /// Of columns that may be NULL (of "pr": those that a row may lack), nine values of ten are.
  kNullHeavy,
  /// Of "pr": no two values are equal of `created`, `updated`, `lead_time`, `review_time`,
  /// `comments`, `story_points` and `jira_id`.
  kAllDistinct,
};

/// "plain", "shuffled", "null_heavy", "all_distinct"; nullopt for another text.
std::optional<RowVariant> RowVariantOf(std::string_view name);
std::vector<std::string> RowVariantNames();

/// Which row comes at place `row`, of `num_rows`: each comes once.
uint64_t ShuffledRow(uint64_t row, uint64_t num_rows);

/// Hands values on to another sink, changed as a variant has it. Not thread-safe.
class VariantSink final : public RowSink {
 public:
  /// `sink` must outlive it.
  VariantSink(RowVariant variant, std::span<const Field> fields, RowSink& sink);

  void Null() override;
  void Bool(bool value) override;
  void Integer(int64_t value) override;
  void Float(double value) override;
  void Text(std::string_view value) override;
  void Timestamp(int64_t seconds) override;
  void List(std::span<const std::string> elements) override;
  absl::Status EndRow() override;
  absl::Status EndRows() override { return sink_.EndRows(); }

 private:
  /// Of the next column: whether its value is handed on as it is.
  bool Keeps();
  /// What stands in the place of the value. REQUIRES: Keeps() said no.
  void WriteChanged();

  enum class Change { kNone, kMostlyNull, kDistinct };

  RowSink& sink_;
  std::vector<Change> changes_;  // by column
  std::vector<TypeKind> kinds_;  // likewise
  size_t column_ = 0;
  uint64_t row_ = 0;
};

}  // namespace sextant::peers
