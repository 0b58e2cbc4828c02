#include "compute/column/string_store.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/bitmap.h"
#include "compute/column/string_hash.h"
#include "compute/column/validity_builder.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// From here on a chunk's strings are given away rather than copied: the copy would cost more
/// memory than growing again costs time.
constexpr size_t kReleaseFromBytes = size_t{16} << 20;

/// Copies `length` bytes; short ones by overlapping stores, without a call.
void CopyBytes(char* to, const char* from, size_t length) {
  if (length > 16) {
    std::memcpy(to, from, length);
  } else if (length >= 8) {
    const uint64_t first = Load64(from);
    const uint64_t last = Load64(from + length - 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + length - 8, &last, 8);
  } else if (length >= 4) {
    const uint32_t first = Load32(from);
    const uint32_t last = Load32(from + length - 4);
    std::memcpy(to, &first, 4);
    std::memcpy(to + length - 4, &last, 4);
  } else {
    for (size_t i = 0; i < length; ++i) to[i] = from[i];
  }
}

template <typename T>
void PackCodes(std::span<const uint32_t> codes, std::span<T> packed) {
  for (size_t row = 0; row < codes.size(); ++row) packed[row] = static_cast<T>(codes[row]);
}

}  // namespace

absl::Status StringStore::Append(std::span<const std::string_view> values,
                                 std::span<const uint64_t> valid) {
  size_t end = bytes_.size();
  SEXTANT_RETURN_IF_ERROR(ends_.Reserve(ends_.size() + values.size()));
  for (size_t row = 0; row < values.size(); ++row) {
    if (valid.empty() || TestBit(valid, row)) end += values[row].size();
  }
  if (end > std::numeric_limits<uint32_t>::max()) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "strings of one chunk: ", end, " bytes, allowed ", std::numeric_limits<uint32_t>::max()));
  }
  const size_t begin = bytes_.size();
  SEXTANT_RETURN_IF_ERROR(bytes_.Resize(end));
  char* to = bytes_.data() + begin;
  for (size_t row = 0; row < values.size(); ++row) {
    if (valid.empty() || TestBit(valid, row)) {
      CopyBytes(to, values[row].data(), values[row].size());
      to += values[row].size();
    }
    ends_.AppendUnchecked(static_cast<uint32_t>(to - bytes_.data()));
  }
  return absl::OkStatus();
}

absl::Status StringStore::Seal(ColumnParts& parts) {
  parts.layout = Layout::kBytes;
  parts.width_bytes = 1;
  SEXTANT_ASSIGN_OR_RETURN(parts.offsets,
                           Buffer::Allocate(*budget_, (ends_.size() + 1) * sizeof(uint32_t)));
  const std::span<uint32_t> offsets = parts.offsets.As<uint32_t>();
  std::copy(ends_.span().begin(), ends_.span().end(), offsets.begin() + 1);
  if (bytes_.size() >= kReleaseFromBytes) {
    SEXTANT_ASSIGN_OR_RETURN(parts.values, bytes_.Release());
  } else {
    SEXTANT_ASSIGN_OR_RETURN(parts.values, CopyToBuffer(std::as_const(bytes_).span(), *budget_));
  }
  ends_.Clear();
  bytes_.Clear();
  return absl::OkStatus();
}

absl::StatusOr<std::span<uint32_t>> CodeStore::Extend(size_t count) {
  SEXTANT_RETURN_IF_ERROR(codes_.Resize(codes_.size() + count));
  return codes_.span().last(count);
}

absl::Status CodeStore::Seal(std::span<const uint64_t> valid, ColumnParts& parts) {
  uint32_t max_code = 0;
  uint32_t min_code = std::numeric_limits<uint32_t>::max();
  size_t num_valid = 0;
  for (size_t row = 0; row < codes_.size(); ++row) {
    if (!valid.empty() && !TestBit(valid, row)) continue;
    max_code = std::max(max_code, codes_[row]);
    min_code = std::min(min_code, codes_[row]);
    ++num_valid;
  }
  parts.layout = Layout::kCode;
  parts.width_bytes = max_code <= 0xFF ? 1 : max_code <= 0xFFFF ? 2 : 4;
  if (num_valid > 0) {
    parts.zone_map.has_bounds = true;
    parts.zone_map.min_integer = min_code;
    parts.zone_map.max_integer = max_code;
  }
  SEXTANT_ASSIGN_OR_RETURN(parts.values,
                           Buffer::Allocate(*budget_, codes_.size() * parts.width_bytes));
  switch (parts.width_bytes) {
    case 1:
      PackCodes(codes(), parts.values.As<uint8_t>());
      break;
    case 2:
      PackCodes(codes(), parts.values.As<uint16_t>());
      break;
    default:
      PackCodes(codes(), parts.values.As<uint32_t>());
  }
  codes_.Clear();
  return absl::OkStatus();
}

}  // namespace sextant
