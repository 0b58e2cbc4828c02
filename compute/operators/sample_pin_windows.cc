// Of SamplePin: samples of windows, of which one instant may have several.

#include <array>
#include <utility>

#include "compute/memory/status_macros.h"
#include "compute/operators/sample_buffer.h"
#include "compute/operators/sample_pin.h"

namespace sextant {

absl::Status SamplePin::ExpandWindows(const Chunk& chunk, std::span<const uint32_t> rows,
                                      PinScratch& scratch, Sink sink) const {
  if (is_list_) return ExpandListWindows(chunk, rows, scratch, sink);
  std::array<int64_t, kBatchRows> firsts;
  std::array<int64_t, kBatchRows> lasts;
  std::array<uint8_t, kBatchRows> valid;
  if (is_span()) {
    PinSpans::Batch batch;
    spans_->Read(chunk, rows, batch);
    valid = batch.valid;
    for (size_t k = 0; k < rows.size(); ++k) {
      firsts[k] = batch.starts_us[k];
      // A span that ends where it starts is an instant (rule 16).
      lasts[k] = batch.ends_us[k] - (batch.starts_us[k] < batch.ends_us[k] ? 1 : 0);
    }
  } else {
    at_->ReadIntegers(chunk, rows, firsts.data(), valid.data());
    lasts = firsts;
  }
  SampleBuffer samples(sink);
  for (const WindowCodes& windows : windows_) {
    for (size_t k = 0; k < rows.size(); ++k) {
      if (valid[k] == 0) continue;
      const WindowCodes::Codes codes = windows.Find(firsts[k], lasts[k]);
      for (uint32_t code = codes.first; code < codes.last; ++code) {
        if (!windows.Begins(code, lasts[k])) continue;
        SEXTANT_RETURN_IF_ERROR(samples.Add(static_cast<uint32_t>(k), code));
      }
    }
    SEXTANT_RETURN_IF_ERROR(samples.Flush());
  }
  return absl::OkStatus();
}

absl::Status SamplePin::FindElementWindows(const Column& list, uint32_t row,
                                           const WindowCodes& windows, PinScratch& scratch) const {
  const Column& elements = list.elements();
  SEXTANT_RETURN_IF_ERROR(scratch.codes.Resize(0));
  for (uint32_t at = list.offsets()[row]; at < list.offsets()[row + 1]; ++at) {
    if (elements.IsNull(at)) continue;
    const int64_t value = elements.IntegerAt(at);
    const WindowCodes::Codes codes = windows.Find(value, value);
    for (uint32_t code = codes.first; code < codes.last; ++code) {
      if (windows.Begins(code, value)) SEXTANT_RETURN_IF_ERROR(scratch.codes.Append(code));
    }
  }
  return KeepEachOnce(scratch.codes, scratch.codes.size());
}

absl::Status SamplePin::ExpandListWindows(const Chunk& chunk, std::span<const uint32_t> rows,
                                          PinScratch& scratch, Sink sink) const {
  const Column& list = chunk.column(list_column_);
  SampleBuffer samples(sink);
  for (const WindowCodes& windows : windows_) {
    for (size_t k = 0; k < rows.size(); ++k) {
      SEXTANT_RETURN_IF_ERROR(FindElementWindows(list, rows[k], windows, scratch));
      for (const uint32_t code : scratch.codes.span()) {
        SEXTANT_RETURN_IF_ERROR(samples.Add(static_cast<uint32_t>(k), code));
      }
    }
    SEXTANT_RETURN_IF_ERROR(samples.Flush());
  }
  return absl::OkStatus();
}

}  // namespace sextant
