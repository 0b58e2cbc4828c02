#include "compute/exec/period_reading.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "compute/column/bitmap.h"
#include "compute/kernels/checked_sort.h"
#include "compute/memory/buffer.h"
#include "compute/memory/keep_going.h"
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
  std::string_view label;   // of the table
  uint32_t row = 0;         // in the order they are read
  bool is_open = false;     // its end is NULL
  bool is_skipped = false;  // its days are none in the zone
};

/// Reads the periods of a calendar row by row.
class PeriodReader {
 public:
  PeriodReader(const CatalogCalendar& calendar, const PeriodColumns& columns, const Table& table,
               const absl::TimeZone& zone, MemoryBudget& budget)
      : calendar_(calendar),
        columns_(columns),
        zone_(zone),
        budget_(budget),
        start_(ValueOf(table, columns.start), table),
        end_(ValueOf(table, columns.end), table),
        periods_(budget) {
    if (columns.label) label_.emplace(ValueOf(table, *columns.label), table);
  }

  absl::Status Read(const Chunk& chunk, std::span<const uint32_t> rows) {
    SEXTANT_RETURN_IF_ERROR(AskToGoOn());
    if (periods_.size() + rows.size() > kMaxPeriods) {
      return Refuse(absl::StrCat("has more than ", kMaxPeriods, " periods, which are allowed"));
    }
    std::array<int64_t, kBatchRows> starts;
    std::array<int64_t, kBatchRows> ends;
    std::array<uint8_t, kBatchRows> has_start;
    std::array<uint8_t, kBatchRows> has_end;
    start_.ReadIntegers(chunk, rows, starts.data(), has_start.data());
    end_.ReadIntegers(chunk, rows, ends.data(), has_end.data());
    std::array<std::string_view, kBatchRows> labels;
    if (label_) ReadLabels(chunk, rows, labels);
    for (size_t k = 0; k < rows.size(); ++k) {
      if (has_start[k] == 0) {
        return Refuse("has a period whose start is NULL; allowed: instants and days");
      }
      Period period = has_end[k] == 0 ? OpenPeriod(starts[k]) : PeriodOf(starts[k], ends[k]);
      period.label = labels[k];
      period.row = static_cast<uint32_t>(periods_.size());
      SEXTANT_RETURN_IF_ERROR(periods_.Append(period));
    }
    return absl::OkStatus();
  }

  /// In order, once they are found to follow one another.
  absl::StatusOr<std::shared_ptr<const PeriodCalendar>> Finish() {
    const std::span<Period> read = periods_.span();
    const auto skipped = std::remove_if(read.begin(), read.end(),
                                        [](const Period& period) { return period.is_skipped; });
    const std::span<Period> periods(read.begin(), skipped);
    if (periods.empty()) return Refuse("has no periods; at least one is needed");
    const auto less = [](const Period& a, const Period& b) {
      return std::tuple(a.start_us, a.is_open, a.row) < std::tuple(b.start_us, b.is_open, b.row);
    };
    SEXTANT_RETURN_IF_ERROR(SortWithChecks(periods, less, budget_, AskToGoOn));
    for (size_t i = 0; i < periods.size(); ++i) {
      SEXTANT_RETURN_IF_ERROR(Check(periods[i], i == 0 ? nullptr : &periods[i - 1]));
    }
    return Keep(periods);
  }

 private:
  static BoundValue ValueOf(const Table& table, ColumnIndex column) {
    BoundValue value;
    value.column = column;
    value.type = table.schema().field(column).type;
    return value;
  }

  absl::StatusOr<std::shared_ptr<const PeriodCalendar>> Keep(
      std::span<const Period> periods) const {
    auto found = std::make_shared<PeriodCalendar>();
    size_t num_bytes = (periods.size() + 1) * sizeof(int64_t);
    for (const Period& period : periods) {
      if (label_) num_bytes += sizeof(std::string) + period.label.size();
    }
    MemoryReservation reserved(budget_);
    SEXTANT_RETURN_IF_ERROR(reserved.Resize(num_bytes));
    found->name = calendar_.name;
    found->borders_us.reserve(periods.size() + 1);
    for (const Period& period : periods) found->borders_us.push_back(period.start_us);
    found->borders_us.push_back(periods.back().end_us);
    if (!label_) return found;
    found->labels.reserve(periods.size());
    for (const Period& period : periods) found->labels.emplace_back(period.label);
    return found;
  }

  void ReadLabels(const Chunk& chunk, std::span<const uint32_t> rows,
                  std::array<std::string_view, kBatchRows>& labels) const {
    std::array<uint8_t, kBatchRows> has_text;
    label_->ReadTexts(chunk, rows, labels.data(), has_text.data());
    for (size_t k = 0; k < rows.size(); ++k) {
      if (has_text[k] == 0) labels[k] = "";
    }
  }

  Period OpenPeriod(int64_t start) const {
    Period period;
    period.start_us = InstantOf(start_, start);
    period.end_us = kMaxInstantUs;
    period.is_open = true;
    return period;
  }

  /// Days that a zone skipped (Pacific/Apia, 2011-12-30) have no instants there.
  Period PeriodOf(int64_t start, int64_t end) const {
    const int64_t after = end + (columns_.end_is_last_day ? 1 : 0);
    Period period;
    period.start_us = InstantOf(start_, start);
    period.end_us = InstantOf(end_, after);
    const bool are_days = IsOfDays(start_) && IsOfDays(end_) && start < after;
    // Days beyond all instants are all at one.
    const bool can_be_named = period.start_us >= kMinInstantUs && period.start_us <= kMaxInstantUs;
    period.is_skipped = are_days && can_be_named && period.start_us == period.end_us;
    return period;
  }

  static bool IsOfDays(const ValueReader& reader) { return reader.type().kind == TypeKind::kDate; }

  int64_t InstantOf(const ValueReader& reader, int64_t value) const {
    return IsOfDays(reader) ? MidnightOf(zone_, value) : value;
  }

  absl::Status Refuse(const std::string& what) const {
    return absl::FailedPreconditionError(
        absl::StrCat("calendar '", calendar_.name, "' (dataset '", calendar_.dataset, "') ", what));
  }

  /// `before`: the period before it; null: none.
  absl::Status Check(const Period& period, const Period* before) const {
    const auto text = [&](int64_t instant_us) { return FormatInstant(instant_us, zone_); };
    const std::string shown = absl::StrCat("the period that starts at ", text(period.start_us));
    if (period.start_us < kMinInstantUs || period.end_us > kMaxInstantUs) {
      return Refuse(absl::StrCat("has ", shown, "; allowed: the years 4714 BC to 294246"));
    }
    if (period.end_us <= period.start_us) {
      return Refuse(absl::StrCat("has ", shown, " and ends at ", text(period.end_us),
                                 "; allowed: an end after the start"));
    }
    if (before == nullptr) return absl::OkStatus();
    if (before->is_open) {
      return Refuse(absl::StrCat("has ", shown, " after one without an end, which starts at ",
                                 text(before->start_us),
                                 "; allowed: an end that is NULL of the last period"));
    }
    if (before->end_us == period.start_us) return absl::OkStatus();
    return Refuse(absl::StrCat("has ", shown, " after one that ends at ", text(before->end_us),
                               "; allowed: periods that follow one another, each once"));
  }

  const CatalogCalendar& calendar_;
  const PeriodColumns columns_;
  const absl::TimeZone zone_;
  MemoryBudget& budget_;
  const ValueReader start_;
  const ValueReader end_;
  std::optional<ValueReader> label_;
  TrackedVector<Period> periods_;
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
  PeriodReader reader(calendar, columns, table, zone, budget);
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
