#include "compute/operators/sample_pin.h"

#include <algorithm>
#include <array>
#include <utility>

#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sample_buffer.h"
#include "compute/plan/time_frame.h"

namespace sextant {

SamplePin::SamplePin(const BoundPin& pin, const absl::TimeZone& zone)
    : kind_(pin.kind),
      time_zone_(zone),
      is_list_(kind_ == TimePin::Kind::kAt && pin.start.type.kind == TypeKind::kList),
      is_date_(kind_ == TimePin::Kind::kAt && pin.start.type.kind == TypeKind::kDate),
      list_column_(pin.start.column) {}

absl::Status SamplePin::MakeReaders(const BoundPin& pin, const Context& context,
                                    std::span<const ResolvedSeries> framed) {
  MemoryBudget& budget = *context.memory.budget();
  if (kind_ == TimePin::Kind::kAt && !is_list_) {
    SEXTANT_ASSIGN_OR_RETURN(ValueReader at, ValueReader::Create(pin.start, context.table, budget));
    at_.emplace(std::move(at));
    may_exclude_ = at_->may_exclude();
  }
  if (is_span()) {
    SEXTANT_ASSIGN_OR_RETURN(PinSpans spans,
                             PinSpans::Create(pin, {context.table, framed, context.zone, budget}));
    spans_.emplace(std::move(spans));
    may_exclude_ = true;
  }
  return absl::OkStatus();
}

absl::StatusOr<SamplePin> SamplePin::Create(const BoundPin& pin, const Context& context) {
  SamplePin made(pin, context.zone);
  SEXTANT_RETURN_IF_ERROR(made.Compile(pin, context));
  return made;
}

/// A small request can ask for thousands of series with a table of megabytes each: every one is
/// reserved before the next is made.
absl::Status SamplePin::Compile(const BoundPin& pin, const Context& context) {
  if (pin.frame == nullptr) return CompileWithin(pin, context, context.series);
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<ResolvedSeries> framed,
                           FrameSeries(*pin.frame, context.series));
  return CompileWithin(pin, context, framed);
}

absl::Status SamplePin::CompileWithin(const BoundPin& pin, const Context& context,
                                      std::span<const ResolvedSeries> framed) {
  SEXTANT_RETURN_IF_ERROR(MakeReaders(pin, context, framed));
  const bool has_windows = pin.frame != nullptr && pin.frame->window != TimeFrame::Window::kNone;
  const auto charge = [&](size_t bytes) {
    return context.memory.Resize(context.memory.bytes() + bytes);
  };
  if (spans_) SEXTANT_RETURN_IF_ERROR(charge(spans_->size_bytes()));
  uint32_t first_code = 0;
  for (size_t i = 0; i < framed.size(); ++i) {
    const ResolvedSeries& one = context.series[i];
    if (pin.kind == TimePin::Kind::kNone) {
      if (one.series.unit == CalendarUnit::kAll) all_codes_.push_back(first_code);
    } else if (has_windows) {
      windows_.emplace_back(framed[i], is_date_, context.zone, first_code);
      SEXTANT_RETURN_IF_ERROR(charge(windows_.back().size_bytes()));
    } else {
      series_.emplace_back(framed[i], is_date_, context.zone, first_code);
      SEXTANT_RETURN_IF_ERROR(charge(series_.back().size_bytes()));
    }
    first_code += static_cast<uint32_t>(one.intervals.size());
  }
  const bool is_column = at_ && at_->is_column();
  if (is_column && !framed.empty()) BoundInstants(pin);
  const bool keeps_borders = context.keeps_borders && kind_ == TimePin::Kind::kDuring;
  return keeps_borders ? KeepBorders(context, framed) : absl::OkStatus();
}

absl::Status SamplePin::KeepBorders(const Context& context,
                                    std::span<const ResolvedSeries> framed) {
  size_t num_codes = 0;
  for (const ResolvedSeries& one : context.series) num_codes += one.intervals.size();
  SEXTANT_RETURN_IF_ERROR(
      context.memory.Resize(context.memory.bytes() + num_codes * sizeof(InstantRange)));
  borders_.assign(num_codes, InstantRange{});
  size_t first_code = 0;
  for (size_t i = 0; i < framed.size(); ++i) {
    size_t code = first_code;
    for (const ResolvedInterval& interval : framed[i].intervals) {
      borders_[code++] = {interval.start_us, interval.end_us};
    }
    first_code += context.series[i].intervals.size();
  }
  return absl::OkStatus();
}

void SamplePin::BoundInstants(const BoundPin& pin) {
  IntegerRangeLeaf range = {.value = pin.start, .min = 1, .max = 0};
  const auto widen = [&](const std::optional<TimeCodes::Span>& span) {
    if (!span) return;
    if (!span_) span_ = span;
    span_ = {std::min(span_->first, span->first), std::max(span_->last, span->last)};
  };
  for (const TimeCodes& series : series_) widen(series.span());
  for (const WindowCodes& windows : windows_) widen(windows.span());
  if (span_) {
    range.min = span_->first;
    range.max = span_->last;
  }
  within_ = BoundPredicate{.node = std::move(range)};
}

absl::Status SamplePin::Expand(const Chunk& chunk, std::span<const uint32_t> rows,
                               PinScratch& scratch, Sink sink) const {
  SEXTANT_DCHECK(rows.size() <= kBatchRows);
  if (!windows_.empty()) return ExpandWindows(chunk, rows, scratch, sink);
  if (is_span()) return ExpandSpans(chunk, rows, sink);
  if (is_list_) return ExpandList(chunk, rows, scratch, sink);
  if (kind_ == TimePin::Kind::kAt) return ExpandAt(chunk, rows, sink);
  static constexpr std::array<uint32_t, kBatchRows> kFirst{};
  std::array<uint32_t, kBatchRows> intervals;
  for (const uint32_t code : all_codes_) {
    if (code != 0) std::fill_n(intervals.data(), rows.size(), code);
    SEXTANT_RETURN_IF_ERROR(
        sink({nullptr, code == 0 ? kFirst.data() : intervals.data(), rows.size()}));
  }
  return absl::OkStatus();
}

absl::Status SamplePin::ExpandAt(const Chunk& chunk, std::span<const uint32_t> rows,
                                 Sink sink) const {
  std::array<int64_t, kBatchRows> values;
  std::array<uint8_t, kBatchRows> valid;
  bool has_read = false;
  for (const TimeCodes& series : series_) {
    std::array<uint32_t, kBatchRows> intervals;
    if (HoldsAll(series)) {
      series.FindWithin(chunk.column(at_->column()), rows, intervals.data());
      SEXTANT_RETURN_IF_ERROR(sink({nullptr, intervals.data(), rows.size()}));
      continue;
    }
    if (!std::exchange(has_read, true)) {
      at_->ReadIntegers(chunk, rows, values.data(), valid.data());
    }
    series.Find({values.data(), rows.size()}, intervals.data());
    std::array<uint32_t, kBatchRows> positions;
    size_t kept = 0;
    for (size_t k = 0; k < rows.size(); ++k) {
      positions[kept] = static_cast<uint32_t>(k);
      intervals[kept] = intervals[k];
      kept += (intervals[k] != kNoInterval ? 1 : 0) & valid[k];
    }
    if (kept == 0) continue;
    const bool is_all = kept == rows.size();
    SEXTANT_RETURN_IF_ERROR(sink({is_all ? nullptr : positions.data(), intervals.data(), kept}));
  }
  return absl::OkStatus();
}

bool SamplePin::HoldsAll(const TimeCodes& series) const {
  const std::optional<TimeCodes::Span> span = span_ ? series.span() : std::nullopt;
  return span && span->first <= span_->first && span_->last <= span->last;
}

absl::Status SamplePin::ExpandSpans(const Chunk& chunk, std::span<const uint32_t> rows,
                                    Sink sink) const {
  PinSpans::Batch batch;
  spans_->Read(chunk, rows, batch);
  SampleBuffer samples(sink);
  for (const TimeCodes& series : series_) {
    spans_->Find(series, batch);
    for (size_t k = 0; k < rows.size(); ++k) {
      if (batch.valid[k] == 0) continue;
      for (uint32_t code = batch.firsts[k]; code < batch.lasts[k]; ++code) {
        SEXTANT_RETURN_IF_ERROR(samples.Add(static_cast<uint32_t>(k), code));
      }
    }
    SEXTANT_RETURN_IF_ERROR(samples.Flush());
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SamplePin::FindSampled(const Chunk& chunk, std::span<const uint32_t> rows,
                                                PinScratch& scratch, uint8_t* sampled) const {
  std::fill_n(sampled, rows.size(), uint8_t{0});
  if (is_span() && windows_.empty()) {
    PinSpans::Batch batch;
    spans_->Read(chunk, rows, batch);
    for (const TimeCodes& series : series_) {
      spans_->Find(series, batch);
      for (size_t k = 0; k < rows.size(); ++k) {
        sampled[k] |= (batch.firsts[k] < batch.lasts[k] ? 1 : 0) & batch.valid[k];
      }
    }
    return batch.num_excluded;
  }
  const auto mark = [&](const Samples& samples) {
    for (size_t i = 0; i < samples.size; ++i) {
      sampled[samples.positions == nullptr ? i : samples.positions[i]] = 1;
    }
    return absl::OkStatus();
  };
  SEXTANT_RETURN_IF_ERROR(Expand(chunk, rows, scratch, mark));
  if (!may_exclude_) return 0;
  if (is_span()) {
    PinSpans::Batch batch;
    spans_->Read(chunk, rows, batch);
    return batch.num_excluded;
  }
  std::array<uint8_t, kBatchRows> valid;
  return at_->ReadValidity(chunk, rows, valid.data()).excluded;
}

}  // namespace sextant
