// Of SamplePin: samples of lists of times, of which a row may have one in several intervals.

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "compute/kernels/gather.h"
#include "compute/kernels/selected_rows.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sample_buffer.h"
#include "compute/operators/sample_pin.h"

namespace sextant {
namespace {

/// The elements of the lists of some rows, one list after another.
struct ListBatch {
  size_t num_rows = 0;
  uint32_t num_elements = 0;
  std::array<uint32_t, kBatchRows> elements;  // their places in the column
  std::array<uint32_t, kBatchRows> ends;      // per row: among these
  std::array<uint32_t, kBatchRows> codes;     // kNoInterval of those that are NULL, too
};

/// Takes whole lists of the first rows until the batch is full; returns how many rows that are.
size_t TakeLists(const Column& list, std::span<const uint32_t> rows, ListBatch& batch) {
  const std::span<const uint32_t> offsets = list.offsets();
  batch.num_elements = 0;
  for (batch.num_rows = 0; batch.num_rows < rows.size(); ++batch.num_rows) {
    const uint32_t begin = offsets[rows[batch.num_rows]];
    const uint32_t length = offsets[rows[batch.num_rows] + 1] - begin;
    if (length > kBatchRows - batch.num_elements) break;
    uint32_t* const into = batch.elements.data() + batch.num_elements;
    std::iota(into, into + length, begin);
    batch.num_elements += length;
    batch.ends[batch.num_rows] = batch.num_elements;
  }
  return batch.num_rows;
}

void FindCodes(const Column& elements, const TimeCodes& series, ListBatch& batch) {
  const std::span<const uint32_t> at(batch.elements.data(), batch.num_elements);
  std::array<int64_t, kBatchRows> values;
  GatherValues(elements, at, values.data());
  series.Find({values.data(), at.size()}, batch.codes.data());
  if (!elements.has_nulls()) return;
  std::array<uint8_t, kBatchRows> valid;
  std::memset(valid.data(), 1, at.size());
  GatherValidity(elements.validity().data(), at, valid.data());
  for (size_t k = 0; k < at.size(); ++k) {
    batch.codes[k] = valid[k] != 0 ? batch.codes[k] : kNoInterval;
  }
}

/// Hands on the codes of a row in ascending order, each once.
absl::Status AddEachOnce(std::span<uint32_t> codes, uint32_t position, SampleBuffer& samples) {
  // As lists that were appended to over time are.
  if (!std::is_sorted(codes.begin(), codes.end())) std::sort(codes.begin(), codes.end());
  uint32_t last = kNoInterval;
  for (const uint32_t code : codes) {
    if (code == last || code == kNoInterval) continue;
    last = code;
    SEXTANT_RETURN_IF_ERROR(samples.Add(position, code));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SamplePin::KeepEachOnce(TrackedVector<uint32_t>& codes, size_t size) {
  std::sort(codes.data(), codes.data() + size);
  const uint32_t* const end = std::unique(codes.data(), codes.data() + size);
  return codes.Resize(static_cast<size_t>(end - codes.data()));
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
    GatherValues(elements, {at.data(), count}, values.data());
    if (elements.has_nulls()) {
      GatherValidity(elements.validity().data(), {at.data(), count}, valid.data());
    }
    series.Find({values.data(), count}, codes.data());
    for (uint32_t k = 0; k < count; ++k) {
      scratch.codes[found] = codes[k];
      found += (codes[k] != kNoInterval ? 1 : 0) & valid[k];
    }
  }
  return KeepEachOnce(scratch.codes, found);
}

absl::Status SamplePin::ExpandList(const Chunk& chunk, std::span<const uint32_t> rows,
                                   PinScratch& scratch, Sink sink) const {
  const Column& list = chunk.column(list_column_);
  SampleBuffer samples(sink);
  ListBatch batch;
  for (const TimeCodes& series : series_) {
    for (size_t first = 0; first < rows.size();) {
      const size_t taken = TakeLists(list, rows.subspan(first), batch);
      if (taken == 0) {  // a list that is longer than a batch
        SEXTANT_RETURN_IF_ERROR(FindElements(list, rows[first], series, scratch));
        for (const uint32_t code : scratch.codes.span()) {
          SEXTANT_RETURN_IF_ERROR(samples.Add(static_cast<uint32_t>(first), code));
        }
        ++first;
        continue;
      }
      FindCodes(list.elements(), series, batch);
      uint32_t begin = 0;
      for (size_t k = 0; k < taken; ++k) {
        const std::span<uint32_t> codes(batch.codes.data() + begin, batch.ends[k] - begin);
        begin = batch.ends[k];
        SEXTANT_RETURN_IF_ERROR(AddEachOnce(codes, static_cast<uint32_t>(first + k), samples));
      }
      first += taken;
    }
    SEXTANT_RETURN_IF_ERROR(samples.Flush());
  }
  return absl::OkStatus();
}

}  // namespace sextant
