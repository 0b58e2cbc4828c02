#include "compute/exec/links/link_resolution.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr uint64_t kMaxPairs = std::numeric_limits<uint32_t>::max() - 1;

absl::Status TooManyPairs(uint64_t pairs) {
  return absl::ResourceExhaustedError(
      absl::StrCat("at least ", pairs, " pairs of rows; allowed: ", kMaxPairs));
}

/// The rows of `numbers`, by key.
struct RowsByKey {
  TrackedVector<uint32_t> starts;  // of each key, and the end
  TrackedVector<uint32_t> rows;    // ascending within a key
};

absl::StatusOr<RowsByKey> GroupByKey(const KeyNumbers& keys, MemoryBudget& budget) {
  RowsByKey grouped = {TrackedVector<uint32_t>(budget), TrackedVector<uint32_t>(budget)};
  SEXTANT_RETURN_IF_ERROR(grouped.starts.Resize(keys.num_keys + 1));
  uint32_t num_rows = 0;
  for (const uint32_t key : keys.right.span()) {
    if (key == KeyNumbers::kNone) continue;
    ++grouped.starts[key];
    ++num_rows;
  }
  uint32_t start = 0;
  for (uint32_t& count : grouped.starts.span()) start += std::exchange(count, start);
  SEXTANT_RETURN_IF_ERROR(grouped.rows.ResizeUninitialized(num_rows));
  for (uint32_t row = 0; row < keys.right.size(); ++row) {
    const uint32_t key = keys.right[row];
    if (key != KeyNumbers::kNone) grouped.rows[grouped.starts[key]++] = row;
  }
  // Each start has moved to the next key's.
  for (uint64_t key = keys.num_keys; key > 0; --key) grouped.starts[key] = grouped.starts[key - 1];
  grouped.starts[0] = 0;
  return grouped;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const LinkRows>> ResolveOne(const KeyColumns& from,
                                                           const KeyColumns& to,
                                                           MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(KeyNumbers keys, NumberKeys(from, to, budget));
  const uint32_t none = to.numbers.size();
  TrackedVector<uint32_t> row_of_key(budget);
  SEXTANT_RETURN_IF_ERROR(row_of_key.ResizeUninitialized(keys.num_keys));
  std::fill(row_of_key.span().begin(), row_of_key.span().end(), none);
  for (uint32_t row = 0; row < keys.right.size(); ++row) {
    const uint32_t key = keys.right[row];
    if (key == KeyNumbers::kNone) continue;
    if (row_of_key[key] != none) {
      return absl::FailedPreconditionError(
          "two rows with the same key, which a row cannot both belong to");
    }
    row_of_key[key] = row;
  }
  SEXTANT_ASSIGN_OR_RETURN(
      Buffer rows, Buffer::AllocateUninitialized(budget, keys.left.size() * sizeof(uint32_t)));
  const std::span<uint32_t> linked = rows.As<uint32_t>();
  for (size_t row = 0; row < linked.size(); ++row) {
    linked[row] = keys.left[row] == KeyNumbers::kNone ? none : row_of_key[keys.left[row]];
  }
  rows.Settle();
  return std::make_shared<const LinkRows>(LinkKind::kOne, from.numbers, to.numbers, Buffer(),
                                          std::move(rows));
}

absl::StatusOr<std::shared_ptr<const LinkRows>> ResolveMany(const KeyColumns& from,
                                                            const KeyColumns& to,
                                                            MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(const KeyNumbers keys, NumberKeys(from, to, budget));
  SEXTANT_ASSIGN_OR_RETURN(const RowsByKey grouped, GroupByKey(keys, budget));
  SEXTANT_ASSIGN_OR_RETURN(Buffer offsets, Buffer::AllocateUninitialized(
                                               budget, (keys.left.size() + 1) * sizeof(uint32_t)));
  uint64_t num_pairs = 0;
  const std::span<uint32_t> ends = offsets.As<uint32_t>();
  for (size_t row = 0; row < keys.left.size(); ++row) {
    ends[row] = static_cast<uint32_t>(num_pairs);
    const uint32_t key = keys.left[row];
    if (key != KeyNumbers::kNone) num_pairs += grouped.starts[key + 1] - grouped.starts[key];
    if (num_pairs > kMaxPairs) return TooManyPairs(num_pairs);
  }
  ends[keys.left.size()] = static_cast<uint32_t>(num_pairs);
  SEXTANT_ASSIGN_OR_RETURN(Buffer rows,
                           Buffer::AllocateUninitialized(budget, num_pairs * sizeof(uint32_t)));
  const std::span<uint32_t> linked = rows.As<uint32_t>();
  for (size_t row = 0; row < keys.left.size(); ++row) {
    const uint32_t key = keys.left[row];
    if (key == KeyNumbers::kNone) continue;
    std::copy(grouped.rows.data() + grouped.starts[key],
              grouped.rows.data() + grouped.starts[key + 1], linked.begin() + ends[row]);
  }
  offsets.Settle();
  rows.Settle();
  return std::make_shared<const LinkRows>(LinkKind::kMany, from.numbers, to.numbers,
                                          std::move(offsets), std::move(rows));
}

absl::StatusOr<std::shared_ptr<const LinkRows>> JoinLinks(const LinkRows& first,
                                                          const LinkRows& second,
                                                          MemoryBudget& budget) {
  TrackedVector<uint32_t> offsets(budget);
  TrackedVector<uint32_t> rows(budget);
  const uint32_t num_rows = first.from().size();
  SEXTANT_RETURN_IF_ERROR(offsets.Reserve(size_t{num_rows} + 1));
  for (uint32_t row = 0; row < num_rows; ++row) {
    const size_t begin = rows.size();
    offsets.AppendUnchecked(static_cast<uint32_t>(begin));
    for (const uint32_t between : first.RowsOf(row)) {
      SEXTANT_RETURN_IF_ERROR(rows.AppendSpan(second.RowsOf(between)));
    }
    uint32_t* const found = rows.data() + begin;
    std::sort(found, rows.data() + rows.size());
    const size_t distinct = std::unique(found, rows.data() + rows.size()) - rows.data();
    SEXTANT_RETURN_IF_ERROR(rows.Resize(distinct));
    if (rows.size() > kMaxPairs) return TooManyPairs(rows.size());
  }
  offsets.AppendUnchecked(static_cast<uint32_t>(rows.size()));
  SEXTANT_ASSIGN_OR_RETURN(Buffer offset_buffer, offsets.Release());
  SEXTANT_ASSIGN_OR_RETURN(Buffer row_buffer, rows.Release());
  offset_buffer.Settle();
  row_buffer.Settle();
  return std::make_shared<const LinkRows>(LinkKind::kMany, first.from(), second.to(),
                                          std::move(offset_buffer), std::move(row_buffer));
}

}  // namespace sextant
