#include "compute/column/distinct_counter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "compute/column/bitmap.h"
#include "compute/column/string_hash.h"
#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr uint64_t kSeed = 0x8ebc6af09c88c6e3u;

const Column& ValuesOf(const Column& column) {
  return column.layout() == Layout::kList ? column.elements() : column;
}

/// One to one, so that integers are counted exactly: the end of MurmurHash3.
uint64_t HashOf(uint64_t value) {
  value = (value ^ value >> 33) * 0xff51afd7ed558ccdu;
  value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53u;
  return value ^ value >> 33;
}

/// -0 and 0 are one value, and so are all NaN (rule 8).
uint64_t HashOf(double value) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  return HashOf(std::bit_cast<uint64_t>(value == 0 ? 0.0 : value));
}

uint64_t HashOf(Wide value, TypeKind kind) {
  // Equal intervals may be written differently (rule 6).
  if (kind == TypeKind::kInterval) value = WideOfInt128(IntervalOrderKey(IntervalOfWide(value)));
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  return HashString({bytes, sizeof(bytes)}, kSeed);
}

/// Counts hash_at(row) of the rows that are not NULL.
template <typename HashAt>
void CountRows(const Column& values, HashAt hash_at, DistinctCounter& counter) {
  const bool has_nulls = values.has_nulls();
  for (uint32_t row = 0; row < values.num_rows(); ++row) {
    if (!has_nulls || !values.IsNull(row)) counter.Add(hash_at(row));
  }
}

template <typename T>
void CountIntegers(const Column& values, DistinctCounter& counter) {
  const T* const offsets = values.values<T>().data();
  const uint64_t base =
      values.layout() == Layout::kInteger ? static_cast<uint64_t>(values.base()) : 0;
  const uint64_t step = values.step();
  CountRows(
      values, [=](uint32_t row) { return HashOf(base + step * offsets[row]); }, counter);
}

void CountIntegers(const Column& values, DistinctCounter& counter) {
  switch (values.width_bytes()) {
    case 1:
      return CountIntegers<uint8_t>(values, counter);
    case 2:
      return CountIntegers<uint16_t>(values, counter);
    case 4:
      return CountIntegers<uint32_t>(values, counter);
    default:
      return CountIntegers<uint64_t>(values, counter);
  }
}

}  // namespace

DistinctCounter::DistinctCounter() {
  // No hash whose place is `i` has the low bits of ~i.
  for (uint64_t i = 0; i < recent_.size(); ++i) recent_[i] = ~i;
}

void DistinctCounter::Compact() {
  const auto begin = hashes_.begin();
  std::sort(begin, begin + size_);
  size_ = static_cast<uint32_t>(std::unique(begin, begin + size_) - begin);
  if (size_ <= kMaxHashes) return;
  is_cut_ = true;
  size_ = kMaxHashes;
  limit_ = hashes_[kMaxHashes - 1];
}

bool DistinctCounter::is_exact() {
  Compact();
  return !is_cut_;
}

uint64_t DistinctCounter::count() {
  if (is_exact()) return size_;
  // The k-th smallest of n numbers drawn from [0, 1) is about k / (n + 1).
  const double largest = std::ldexp(static_cast<double>(hashes_[kMaxHashes - 1]), -64);
  return static_cast<uint64_t>(std::llround((kMaxHashes - 1) / largest));
}

bool HasCountedValues(const Column& column) {
  const Column& values = ValuesOf(column);
  if (values.type().kind == TypeKind::kJson) return false;
  return values.layout() != Layout::kCode || values.type().kind == TypeKind::kEnum;
}

void AddValues(const Column& column, DistinctCounter& counter) {
  SEXTANT_CHECK(HasCountedValues(column));
  const Column& values = ValuesOf(column);
  switch (values.layout()) {
    case Layout::kInteger:
    case Layout::kCode:
      return CountIntegers(values, counter);
    case Layout::kFloat:
      return CountRows(
          values, [&](uint32_t row) { return HashOf(values.FloatAt(row)); }, counter);
    case Layout::kWide: {
      const TypeKind kind = values.type().kind;
      return CountRows(
          values, [&](uint32_t row) { return HashOf(values.WideAt(row), kind); }, counter);
    }
    case Layout::kBytes:
      return CountRows(
          values, [&](uint32_t row) { return HashString(values.BytesAt(row), kSeed); }, counter);
    case Layout::kList:
      return;  // lists have no lists
  }
}

void MarkCodes(const Column& column, std::span<uint64_t> seen) {
  const Column& values = ValuesOf(column);
  const bool has_nulls = values.has_nulls();
  for (uint32_t row = 0; row < values.num_rows(); ++row) {
    if (!has_nulls || !values.IsNull(row)) SetBit(seen, values.CodeAt(row));
  }
}

}  // namespace sextant
