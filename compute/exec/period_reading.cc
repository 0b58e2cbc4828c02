#include "compute/exec/period_reading.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/column/bitmap.h"
#include "compute/memory/buffer.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/morsel.h"
#include "compute/operators/row_batches.h"
#include "compute/operators/scan.h"
#include "compute/operators/value_reader.h"
#include "compute/plan/binder.h"
#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/period_columns.h"

namespace sextant {
namespace {

struct Period {
  int64_t start_us = 0;
  int64_t end_us = 0;
  std::string label;
};

/// Reads the periods of a calendar row by row.
class PeriodReader {
 public:
  PeriodReader(const CatalogCalendar& calendar, const PeriodColumns& columns, const Table& table,
               const absl::TimeZone& zone)
      : calendar_(calendar),
        columns_(columns),
        zone_(zone),
        start_(ValueOf(table, columns.start), table),
        end_(ValueOf(table, columns.end), table) {
    if (columns.label) label_.emplace(ValueOf(table, *columns.label), table);
  }

  absl::Status Read(const Chunk& chunk, std::span<const uint32_t> rows) {
    if (periods_.size() + rows.size() > kMaxPeriods) {
      return Refuse(absl::StrCat("has more than ", kMaxPeriods, " periods, which are allowed"));
    }
    std::array<int64_t, kBatchRows> starts;
    std::array<int64_t, kBatchRows> ends;
    std::array<uint8_t, kBatchRows> has_start;
    std::array<uint8_t, kBatchRows> has_end;
    start_.ReadIntegers(chunk, rows, starts.data(), has_start.data());
    end_.ReadIntegers(chunk, rows, ends.data(), has_end.data());
    const size_t first = periods_.size();
    for (size_t k = 0; k < rows.size(); ++k) {
      if (has_start[k] == 0 || has_end[k] == 0) {
        return Refuse("has a period whose start or end is NULL; allowed: instants and days");
      }
      periods_.push_back({InstantOf(start_, starts[k]),
                          InstantOf(end_, ends[k] + (columns_.end_is_last_day ? 1 : 0)), ""});
    }
    if (label_) ReadLabels(chunk, rows, first);
    return absl::OkStatus();
  }

  /// In order, once they are found to follow one another.
  absl::StatusOr<std::shared_ptr<const PeriodCalendar>> Finish() {
    if (periods_.empty()) return Refuse("has no periods; at least one is needed");
    std::sort(periods_.begin(), periods_.end(),
              [](const Period& a, const Period& b) { return a.start_us < b.start_us; });
    auto found = std::make_shared<PeriodCalendar>();
    found->name = calendar_.name;
    for (size_t i = 0; i < periods_.size(); ++i) {
      SEXTANT_RETURN_IF_ERROR(Check(i));
      found->borders_us.push_back(periods_[i].start_us);
      if (label_) found->labels.push_back(std::move(periods_[i].label));
    }
    found->borders_us.push_back(periods_.back().end_us);
    return found;
  }

 private:
  static BoundValue ValueOf(const Table& table, ColumnIndex column) {
    BoundValue value;
    value.column = column;
    value.type = table.schema().field(column).type;
    return value;
  }

  void ReadLabels(const Chunk& chunk, std::span<const uint32_t> rows, size_t first) {
    std::array<std::string_view, kBatchRows> texts;
    std::array<uint8_t, kBatchRows> has_text;
    label_->ReadTexts(chunk, rows, texts.data(), has_text.data());
    for (size_t k = 0; k < rows.size(); ++k) {
      if (has_text[k] != 0) periods_[first + k].label = std::string(texts[k]);
    }
  }

  int64_t InstantOf(const ValueReader& reader, int64_t value) const {
    return reader.type().kind == TypeKind::kDate ? MidnightOf(zone_, value) : value;
  }

  absl::Status Refuse(const std::string& what) const {
    return absl::FailedPreconditionError(
        absl::StrCat("calendar '", calendar_.name, "' (dataset '", calendar_.dataset, "') ", what));
  }

  absl::Status Check(size_t i) const {
    const auto text = [&](int64_t instant_us) { return FormatInstant(instant_us, zone_); };
    const Period& period = periods_[i];
    const std::string shown = absl::StrCat("the period that starts at ", text(period.start_us));
    if (period.start_us < kMinInstantUs || period.end_us > kMaxInstantUs) {
      return Refuse(absl::StrCat("has ", shown, "; allowed: the years 4714 BC to 294246"));
    }
    if (period.end_us <= period.start_us) {
      return Refuse(absl::StrCat("has ", shown, " and ends at ", text(period.end_us),
                                 "; allowed: an end after the start"));
    }
    if (i == 0 || periods_[i - 1].end_us == period.start_us) return absl::OkStatus();
    return Refuse(absl::StrCat("has ", shown, " after one that ends at ",
                               text(periods_[i - 1].end_us),
                               "; allowed: periods that follow one another, each once"));
  }

  const CatalogCalendar& calendar_;
  const PeriodColumns columns_;
  const absl::TimeZone zone_;
  const ValueReader start_;
  const ValueReader end_;
  std::optional<ValueReader> label_;
  std::vector<Period> periods_;  // not row-proportional: at most kMaxPeriods
};

}  // namespace

absl::StatusOr<std::shared_ptr<const PeriodCalendar>> ReadPeriods(const CatalogCalendar& calendar,
                                                                  const TenantScope& scope,
                                                                  const absl::TimeZone& zone,
                                                                  MemoryBudget& budget) {
  const Table& table = scope.table();
  SEXTANT_ASSIGN_OR_RETURN(const PeriodColumns columns,
                           FindPeriodColumns(calendar, table.schema()));
  const Scan scan(scope);
  PeriodReader reader(calendar, columns, table, zone);
  constexpr size_t kSelectionBytes = BitmapWords(kMaxChunkRows) * sizeof(uint64_t);
  SEXTANT_ASSIGN_OR_RETURN(Buffer words, Buffer::AllocateUninitialized(budget, kSelectionBytes));
  for (uint32_t range = 0; range < scan.num_ranges(); ++range) {
    for (const Morsel& morsel : scan.MorselsOf(range)) {
      const Chunk& chunk = table.chunk(morsel.chunk);
      const Selection selection = scan.Select(morsel, words.As<uint64_t>());
      std::array<uint32_t, kBatchRows> room;
      for (uint32_t word = selection.first; word < selection.last;) {
        const std::span<const uint32_t> rows = TakeBatch(selection, word, room);
        if (rows.empty()) continue;
        SEXTANT_RETURN_IF_ERROR(reader.Read(chunk, rows));
      }
    }
  }
  return reader.Finish();
}

}  // namespace sextant
