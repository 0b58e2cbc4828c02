#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/oracle/case.h"

namespace sextant::oracle {

/// The value of a metric in a cell. Floats compare within `tolerance` (rule 3), all else by text.
struct AnswerValue {
  bool exists = false;
  bool is_float = false;
  double number = 0;
  double tolerance = 0;
  std::string text = {};
};

/// A cell: the canonical texts of axes (datum.h), the position of its series, its start, its level.
struct AnswerRow {
  std::vector<std::optional<std::string>> axes = {};
  int grouping = 0;  // of totals (bit 1: summed, leftmost axis highest); -1: others
  size_t series = 0;
  int64_t start_us = 0;  // 0 without a time axis
  std::vector<AnswerValue> values = {};
};

/// The groups of a request: those of its axes' members. -1, 0 or 1.
int CompareTuples(const TableCase& table, const RequestCase& request,
                  const std::vector<std::optional<std::string>>& a,
                  const std::vector<std::optional<std::string>>& b);
/// Values of a type that exist.
int CompareValues(const Type& type, const AnswerValue& a, const AnswerValue& b);

/// What a request is answered with, or how it fails.
struct Answer {
  enum class Outcome { kRows, kOutOfRange, kRefused, kUnknown, kTooLarge };
  Outcome outcome = Outcome::kRows;
  std::string message = {};
  std::vector<AnswerRow> rows = {};
  std::optional<uint64_t> excluded = std::nullopt;
  std::optional<uint64_t> rows_selected = std::nullopt;
  uint64_t rows_out_of_range = 0;
  uint64_t chunks_skipped = 0;
  bool is_kept = false;  // from an equal request before
  /// A sum fits in 128 bits that does not after some of its samples.
  bool has_wide_running_total = false;

  /// What a cell says of the whole: an overflow before what cannot be known before rows.
  void Note(Outcome of_cell);
  /// Whether an overflow in a cell that is not shown is an error is for nobody to say.
  void ForgetHiddenOverflow(const RequestCase& request);
};

/// What the tolerance of a float is computed of (rule 3): the samples' number, sum of magnitudes
/// and of squares.
struct SampleFigures {
  double count = 0;
  double sum_of_magnitudes = 0;
  double sum_of_squares = 0;
};
/// The stated bound of each aggregate; 0 where the answer is exact.
double ToleranceOf(const TableCase& table, const AggregateExpr& aggregate, double value,
                   const SampleFigures& figures);

/// Empty when the rows come in the order that the request asks for: by order_by, then by axes,
/// series and start; NULL last.
std::string OrderDifference(const TableCase& table, const RequestCase& request,
                            const Answer& actual);

/// Empty when `actual` is what `expected` says, for all rows or, with a limit, the first ones.
std::string Difference(const RequestCase& request, const Answer& expected, const Answer& actual);

}  // namespace sextant::oracle
