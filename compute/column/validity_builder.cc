#include "compute/column/validity_builder.h"

#include <bit>

#include "compute/column/bitmap.h"
#include "compute/memory/status_macros.h"

namespace sextant {

absl::Status ValidityBuilder::Append(size_t num_rows, std::span<const uint64_t> valid) {
  const uint32_t begin = num_rows_;
  uint32_t num_nulls = 0;
  ForEachNull(valid, num_rows, [&](size_t) { ++num_nulls; });
  num_rows_ += static_cast<uint32_t>(num_rows);
  if (num_nulls == 0 && null_count_ == 0) return absl::OkStatus();
  SEXTANT_RETURN_IF_ERROR(words_.Resize(BitmapWords(num_rows_)));
  if (null_count_ == 0) SetBitRange(words_.span(), 0, begin);
  null_count_ += num_nulls;
  if (num_nulls == 0) {
    SetBitRange(words_.span(), begin, num_rows_);
    return absl::OkStatus();
  }
  const size_t shift = begin % 64;
  for (size_t word_index = 0; word_index * 64 < num_rows; ++word_index) {
    const uint64_t word = ValidWord(valid, word_index, num_rows);
    const size_t to = begin / 64 + word_index;
    words_[to] |= word << shift;
    if (shift != 0 && to + 1 < words_.size()) words_[to + 1] |= word >> (64 - shift);
  }
  return absl::OkStatus();
}

absl::StatusOr<Buffer> ValidityBuilder::Copy() const { return CopyToBuffer(words(), *budget_); }

void ValidityBuilder::Clear() {
  words_.Clear();
  num_rows_ = 0;
  null_count_ = 0;
}

}  // namespace sextant
