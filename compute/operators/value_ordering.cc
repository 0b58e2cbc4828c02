#include "compute/operators/value_ordering.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/value_index.h"
#include "compute/kernels/sort_positions.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/order_keys.h"

namespace sextant {
namespace {

/// Bytes of all texts of a chunk: longer ones, if alike, would keep a worker for too long.
constexpr size_t kMaxTextBytes = size_t{4} << 20;

/// Sorts the rows of a column that are not NULL.
class RowOrdering {
 public:
  RowOrdering(const Column& column, MemoryBudget& budget)
      : column_(column), budget_(budget), began_(std::chrono::steady_clock::now()) {}

  /// By the keys that `as` is one of.
  template <typename As>
  absl::StatusOr<std::unique_ptr<const ValueOrder>> ByKeys(As as) {
    using Key = decltype(OrderKeyOf(column_, as));
    SEXTANT_RETURN_IF_ERROR(ListRows());
    return WithOrderKeys(column_, as, [&](auto key_of) -> decltype(Finish()) {
      SEXTANT_ASSIGN_OR_RETURN(const Buffer keys, Sort<Key>(key_of));
      constexpr size_t kStep = ValueOrder::kRowsPerFence;
      const std::span<const uint16_t> order = ordered_.As<uint16_t>();
      SEXTANT_ASSIGN_OR_RETURN(fences_, Allocate((order.size() + kStep - 1) / kStep * sizeof(Key)));
      const std::span<Key> fences = fences_.As<Key>();
      for (size_t i = 0; i < fences.size(); ++i) fences[i] = keys.As<Key>()[order[i * kStep]];
      return Finish();
    });
  }

  /// By 8 bytes behind those that all begin with, and equal ones by all bytes.
  absl::StatusOr<std::unique_ptr<const ValueOrder>> ByTexts() {
    SEXTANT_RETURN_IF_ERROR(ListRows());
    const size_t num_shared = NumSharedBytes();
    const auto key_of = [&](uint32_t row) { return WordAt(column_.BytesAt(row), num_shared); };
    SEXTANT_ASSIGN_OR_RETURN(const Buffer keys, Sort<uint64_t>(key_of));
    SortEqualKeys(keys.As<uint64_t>());
    return Finish();
  }

 private:
  absl::StatusOr<Buffer> Allocate(size_t bytes) const {
    return Buffer::AllocateUninitialized(budget_, bytes);
  }

  absl::Status ListRows() {
    const size_t num_rows =
        column_.has_nulls() ? CountBits(column_.validity()) : size_t{column_.num_rows()};
    SEXTANT_ASSIGN_OR_RETURN(listed_, Allocate(num_rows * sizeof(uint16_t)));
    uint16_t* next = listed_.As<uint16_t>().data();
    for (uint32_t row = 0; row < column_.num_rows(); ++row) {
      if (!column_.IsNull(row)) *next++ = static_cast<uint16_t>(row);
    }
    return absl::OkStatus();
  }

  /// Fills ordered_ with numbers of listed rows, and returns the key of each.
  template <typename Key, typename KeyOf>
  absl::StatusOr<Buffer> Sort(KeyOf key_of) {
    const std::span<const uint16_t> rows = listed_.As<uint16_t>();
    SEXTANT_ASSIGN_OR_RETURN(ordered_, Allocate(rows.size_bytes()));
    SEXTANT_ASSIGN_OR_RETURN(Buffer room, Allocate(rows.size_bytes()));
    SEXTANT_ASSIGN_OR_RETURN(Buffer keys_buffer, Allocate(rows.size() * sizeof(Key)));
    const std::span<Key> keys = keys_buffer.As<Key>();
    for (size_t i = 0; i < rows.size(); ++i) keys[i] = key_of(rows[i]);
    SortPositions<Key>(keys, ordered_.As<uint16_t>(), room.As<uint16_t>());
    return keys_buffer;
  }

  size_t NumSharedBytes() const {
    const std::span<const uint16_t> rows = listed_.As<uint16_t>();
    if (rows.empty()) return 0;
    const std::string_view first = column_.BytesAt(rows[0]);
    size_t num_shared = first.size();
    for (const uint16_t row : rows) {
      const std::string_view text = column_.BytesAt(row);
      const size_t limit = std::min(num_shared, text.size());
      const auto differs = std::mismatch(first.begin(), first.begin() + limit, text.begin());
      num_shared = static_cast<size_t>(differs.first - first.begin());
    }
    return num_shared;
  }

  /// Bytes from `begin` on as a number that is in their order; what is missing counts as 0.
  static uint64_t WordAt(std::string_view text, size_t begin) {
    uint64_t word = 0;
    text.remove_prefix(begin);
    if (!text.empty()) std::memcpy(&word, text.data(), std::min(text.size(), sizeof(word)));
    return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
  }

  void SortEqualKeys(std::span<const uint64_t> keys) {
    const std::span<const uint16_t> rows = listed_.As<uint16_t>();
    const auto is_before = [&](uint16_t a, uint16_t b) {
      const int compared = column_.BytesAt(rows[a]).compare(column_.BytesAt(rows[b]));
      return compared < 0 || (compared == 0 && a < b);
    };
    const std::span<uint16_t> order = ordered_.As<uint16_t>();
    for (auto begin = order.begin(); begin != order.end();) {
      const uint64_t key = keys[*begin];
      const auto end =
          std::find_if(begin, order.end(), [&](uint16_t number) { return keys[number] != key; });
      std::sort(begin, end, is_before);
      begin = end;
    }
  }

  /// Makes rows of their numbers.
  absl::StatusOr<std::unique_ptr<const ValueOrder>> Finish() {
    const std::span<const uint16_t> rows = listed_.As<uint16_t>();
    for (uint16_t& number : ordered_.As<uint16_t>()) number = rows[number];
    ordered_.Settle();
    fences_.Settle();
    const auto time = std::chrono::steady_clock::now() - began_;
    return std::make_unique<const ValueOrder>(
        std::move(ordered_), std::move(fences_),
        std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
  }

  const Column& column_;
  MemoryBudget& budget_;
  const std::chrono::steady_clock::time_point began_;
  Buffer listed_;   // rows that are not NULL, ascending
  Buffer ordered_;  // their numbers in listed_, by value
  Buffer fences_;
};

}  // namespace

bool MayBeOrdered(const Column& column) {
  switch (column.layout()) {
    case Layout::kInteger:
      return !column.zone_map().is_sorted && column.block_bounds().empty() &&
             !ValueIndex::Fits(column);
    case Layout::kFloat:
    case Layout::kWide:
      return true;
    case Layout::kBytes:
      return column.offsets()[column.num_rows()] <= kMaxTextBytes;
    default:
      return false;
  }
}

absl::StatusOr<std::unique_ptr<const ValueOrder>> OrderByValue(const Column& column,
                                                               MemoryBudget& budget) {
  SEXTANT_CHECK(MayBeOrdered(column));
  RowOrdering ordering(column, budget);
  if (column.layout() == Layout::kBytes) return ordering.ByTexts();
  if (column.layout() == Layout::kWide) return ordering.ByKeys(int128_t{});
  return ordering.ByKeys(int64_t{});
}

}  // namespace sextant
