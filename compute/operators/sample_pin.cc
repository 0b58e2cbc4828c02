#include "compute/operators/sample_pin.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include "compute/kernels/gather.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/morsel.h"

namespace sextant {
namespace {

/// Collects samples and hands them on when there are kBatchRows.
class SampleBuffer {
 public:
  explicit SampleBuffer(SamplePin::Sink sink) : sink_(sink) {}

  absl::Status Add(uint32_t position, uint32_t interval) {
    positions_[size_] = position;
    intervals_[size_] = interval;
    return ++size_ < kBatchRows ? absl::OkStatus() : Flush();
  }
  absl::Status Flush() {
    const size_t size = std::exchange(size_, 0);
    return size == 0 ? absl::OkStatus() : sink_({positions_.data(), intervals_.data(), size});
  }

 private:
  SamplePin::Sink sink_;
  size_t size_ = 0;
  std::array<uint32_t, kBatchRows> positions_;
  std::array<uint32_t, kBatchRows> intervals_;
};

/// Reads integers of rows, and 1 or 0 to `failed`: what could not be computed from operands that
/// are there. Returns how many failed.
uint64_t ReadWithFailures(const ValueReader& reader, const Chunk& chunk,
                          std::span<const uint32_t> rows, int64_t* values, uint8_t* valid,
                          uint8_t* failed) {
  std::memset(failed, 0, rows.size());
  const uint64_t num_failed = reader.ReadIntegers(chunk, rows, values, valid).excluded;
  if (num_failed == 0) return 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    if (valid[k] != 0) continue;
    int64_t value = 0;
    uint8_t is_valid = 0;
    const ReadOutcome outcome = reader.ReadIntegers(chunk, rows.subspan(k, 1), &value, &is_valid);
    failed[k] = outcome.excluded != 0 ? 1 : 0;
  }
  return num_failed;
}

DayMidnights MidnightsOf(const BoundValue& value, const SamplePin::Context& context) {
  if (value.IsColumn()) {
    const ColumnFacts& facts = context.table.facts(value.column);
    if (!facts.has_bounds) return DayMidnights(context.zone, 1, 0);
    return DayMidnights(context.zone, facts.min_integer, facts.max_integer);
  }
  int64_t first_us = kOpenEndUs;
  int64_t last_us = -kOpenEndUs;
  for (const ResolvedSeries& series : context.series) {
    if (series.intervals.empty()) continue;
    first_us = std::min(first_us, series.intervals.front().start_us);
    last_us = std::max(last_us, series.intervals.back().end_us);
  }
  if (first_us > last_us) return DayMidnights(context.zone, 1, 0);
  return DayMidnights(context.zone, FirstDayNotBefore(context.zone, first_us),
                      FirstDayNotBefore(context.zone, last_us));
}

}  // namespace

/// The spans of a batch of rows.
struct SamplePin::SpanBatch {
  size_t num_rows = 0;
  std::array<int64_t, kBatchRows> starts_us;
  std::array<int64_t, kBatchRows> ends_us;  // kOpenEndUs where NULL
  std::array<uint8_t, kBatchRows> valid;    // start is there, and not after the end
  uint64_t num_excluded = 0;
  std::array<uint32_t, kBatchRows> firsts;
  std::array<uint32_t, kBatchRows> lasts;
};

SamplePin::Instant::Instant(const BoundValue& value, const Context& context)
    : reader(value, context.table) {
  if (value.type.kind == TypeKind::kDate) midnights.emplace(MidnightsOf(value, context));
}

SamplePin::SamplePin(const BoundPin& pin, const Context& context) : kind_(pin.kind) {
  switch (kind_) {
    case TimePin::Kind::kNone:
      break;
    case TimePin::Kind::kAt:
      is_list_ = pin.start.type.kind == TypeKind::kList;
      list_column_ = pin.start.column;
      if (!is_list_) at_.emplace(pin.start, context.table);
      may_exclude_ = at_ && at_->may_exclude();
      break;
    case TimePin::Kind::kDuring:
    case TimePin::Kind::kAsOfEnd:
      start_.emplace(pin.start, context);
      end_.emplace(pin.end, context);
      may_exclude_ = true;
      break;
  }
}

/// A small request can ask for thousands of series with a table of megabytes each: every one is
/// reserved before the next is made.
absl::StatusOr<SamplePin> SamplePin::Create(const BoundPin& pin, const Context& context) {
  SamplePin sample_pin(pin, context);
  const auto charge = [&](size_t bytes) {
    return context.memory.Resize(context.memory.bytes() + bytes);
  };
  for (const auto* instant : {&sample_pin.start_, &sample_pin.end_}) {
    if (!*instant || !(*instant)->midnights) continue;
    SEXTANT_RETURN_IF_ERROR(charge((*instant)->midnights->size_bytes()));
  }
  const DataType type = sample_pin.is_list_ ? pin.start.type.ElementType() : pin.start.type;
  const bool is_date = pin.kind == TimePin::Kind::kAt && type.kind == TypeKind::kDate;
  uint32_t first_code = 0;
  for (const ResolvedSeries& one : context.series) {
    if (pin.kind == TimePin::Kind::kNone) {
      if (one.series.unit == CalendarUnit::kAll) sample_pin.all_codes_.push_back(first_code);
    } else {
      sample_pin.series_.emplace_back(one, is_date, context.zone, first_code);
      SEXTANT_RETURN_IF_ERROR(charge(sample_pin.series_.back().size_bytes()));
    }
    first_code += static_cast<uint32_t>(one.intervals.size());
  }
  return sample_pin;
}

absl::Status SamplePin::Expand(const Chunk& chunk, std::span<const uint32_t> rows,
                               PinScratch& scratch, Sink sink) const {
  SEXTANT_DCHECK(rows.size() <= kBatchRows);
  if (is_span()) return ExpandSpans(chunk, rows, sink);
  if (is_list_) return ExpandList(chunk, rows, scratch, sink);
  if (kind_ == TimePin::Kind::kAt) return ExpandAt(chunk, rows, sink);
  std::array<uint32_t, kBatchRows> intervals;
  for (const uint32_t code : all_codes_) {
    std::fill_n(intervals.data(), rows.size(), code);
    SEXTANT_RETURN_IF_ERROR(sink({nullptr, intervals.data(), rows.size()}));
  }
  return absl::OkStatus();
}

absl::Status SamplePin::ExpandAt(const Chunk& chunk, std::span<const uint32_t> rows,
                                 Sink sink) const {
  std::array<int64_t, kBatchRows> values;
  std::array<uint8_t, kBatchRows> valid;
  std::array<uint32_t, kBatchRows> positions;
  std::array<uint32_t, kBatchRows> intervals;
  at_->ReadIntegers(chunk, rows, values.data(), valid.data());
  for (const TimeCodes& series : series_) {
    series.Find({values.data(), rows.size()}, intervals.data());
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

absl::Status SamplePin::FindElements(const Column& list, uint32_t row, const TimeCodes& series,
                                     PinScratch& scratch) const {
  const Column& elements = list.elements();
  const uint32_t begin = list.offsets()[row];
  const uint32_t length = list.offsets()[row + 1] - begin;
  SEXTANT_RETURN_IF_ERROR(scratch.codes.Resize(length));
  size_t found = 0;
  for (uint32_t done = 0; done < length; done += kBatchRows) {
    std::array<uint32_t, kBatchRows> at;
    std::array<int64_t, kBatchRows> values;
    std::array<uint8_t, kBatchRows> valid;
    std::array<uint32_t, kBatchRows> codes;
    const uint32_t count = std::min(kBatchRows, length - done);
    std::iota(at.data(), at.data() + count, begin + done);
    std::memset(valid.data(), 1, count);
    WithUnsignedSlots(elements, [&](auto slots) {
      GatherIntegers(slots.data(), elements.base(), {at.data(), count}, values.data());
    });
    if (elements.has_nulls()) {
      GatherValidity(elements.validity().data(), {at.data(), count}, valid.data());
    }
    series.Find({values.data(), count}, codes.data());
    for (uint32_t k = 0; k < count; ++k) {
      scratch.codes[found] = codes[k];
      found += (codes[k] != kNoInterval ? 1 : 0) & valid[k];
    }
  }
  std::sort(scratch.codes.data(), scratch.codes.data() + found);
  found = static_cast<size_t>(std::unique(scratch.codes.data(), scratch.codes.data() + found) -
                              scratch.codes.data());
  return scratch.codes.Resize(found);
}

absl::Status SamplePin::ExpandList(const Chunk& chunk, std::span<const uint32_t> rows,
                                   PinScratch& scratch, Sink sink) const {
  const Column& list = chunk.column(list_column_);
  SampleBuffer samples(sink);
  for (const TimeCodes& series : series_) {
    for (size_t k = 0; k < rows.size(); ++k) {
      SEXTANT_RETURN_IF_ERROR(FindElements(list, rows[k], series, scratch));
      for (const uint32_t code : scratch.codes.span()) {
        SEXTANT_RETURN_IF_ERROR(samples.Add(static_cast<uint32_t>(k), code));
      }
    }
    SEXTANT_RETURN_IF_ERROR(samples.Flush());
  }
  return absl::OkStatus();
}

void SamplePin::ReadSpans(const Chunk& chunk, std::span<const uint32_t> rows,
                          SpanBatch& batch) const {
  std::array<uint8_t, kBatchRows> has_end;
  std::array<uint8_t, kBatchRows> failed;
  std::array<uint8_t, kBatchRows> end_failed;
  batch.num_rows = rows.size();
  ReadWithFailures(start_->reader, chunk, rows, batch.starts_us.data(), batch.valid.data(),
                   failed.data());
  ReadWithFailures(end_->reader, chunk, rows, batch.ends_us.data(), has_end.data(),
                   end_failed.data());
  batch.num_excluded = 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    int64_t& start_us = batch.starts_us[k];
    int64_t& end_us = batch.ends_us[k];
    if (batch.valid[k] == 0) {
      batch.num_excluded += failed[k];
      start_us = end_us = 0;
      continue;
    }
    if (start_->midnights) start_us = start_->midnights->At(start_us);
    if (has_end[k] == 0) {
      end_us = kOpenEndUs;
    } else if (end_->midnights) {
      end_us = end_->midnights->At(end_us);
    }
    if (start_us > end_us || end_failed[k] != 0) {
      ++batch.num_excluded;
      batch.valid[k] = 0;
      start_us = end_us = 0;
    }
  }
}

void SamplePin::FindSpans(const TimeCodes& series, SpanBatch& batch) const {
  const TimeCodes::Spans spans = {{batch.starts_us.data(), batch.num_rows},
                                  batch.ends_us.data(),
                                  batch.firsts.data(),
                                  batch.lasts.data()};
  if (kind_ == TimePin::Kind::kDuring) {
    series.FindOverlapped(spans);
  } else {
    series.FindEndsWithin(spans);
  }
}

absl::Status SamplePin::ExpandSpans(const Chunk& chunk, std::span<const uint32_t> rows,
                                    Sink sink) const {
  SpanBatch batch;
  ReadSpans(chunk, rows, batch);
  SampleBuffer samples(sink);
  for (const TimeCodes& series : series_) {
    FindSpans(series, batch);
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
  std::memset(sampled, 0, rows.size());
  if (is_span()) {
    SpanBatch batch;
    ReadSpans(chunk, rows, batch);
    for (const TimeCodes& series : series_) {
      FindSpans(series, batch);
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
  std::array<uint8_t, kBatchRows> valid;
  return at_->ReadValidity(chunk, rows, valid.data()).excluded;
}

}  // namespace sextant
