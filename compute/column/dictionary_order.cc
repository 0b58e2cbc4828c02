#include <algorithm>
#include <bit>
#include <cstring>

#include "compute/column/dictionary.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// An entry as it is sorted: its first eight bytes decide most comparisons without touching it.
struct SortedEntry {
  uint64_t prefix;
  uint32_t code;
};

uint64_t PrefixOf(std::string_view entry) {
  uint64_t prefix = 0;
  if (!entry.empty()) std::memcpy(&prefix, entry.data(), std::min<size_t>(8, entry.size()));
  if constexpr (std::endian::native == std::endian::little) prefix = __builtin_bswap64(prefix);
  return prefix;
}

}  // namespace

absl::StatusOr<DictionaryOrder> DictionaryOrder::Build(const Dictionary& dictionary,
                                                       MemoryBudget& budget) {
  DictionaryOrder order;
  order.size_ = dictionary.size();
  const size_t size_bytes = order.size_ * sizeof(uint32_t);
  SEXTANT_ASSIGN_OR_RETURN(order.rank_by_code_, Buffer::Allocate(budget, size_bytes));
  SEXTANT_ASSIGN_OR_RETURN(order.code_by_rank_, Buffer::Allocate(budget, size_bytes));
  SEXTANT_ASSIGN_OR_RETURN(Buffer scratch,
                           Buffer::Allocate(budget, order.size_ * sizeof(SortedEntry)));
  const std::span<SortedEntry> entries = scratch.As<SortedEntry>();
  for (uint32_t code = 0; code < order.size_; ++code) {
    entries[code] = {PrefixOf(dictionary.Entry(code)), code};
  }
  std::sort(entries.begin(), entries.end(), [&](const SortedEntry& a, const SortedEntry& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return dictionary.Entry(a.code) < dictionary.Entry(b.code);
  });
  const std::span<uint32_t> rank_by_code = order.rank_by_code_.As<uint32_t>();
  const std::span<uint32_t> code_by_rank = order.code_by_rank_.As<uint32_t>();
  for (uint32_t rank = 0; rank < order.size_; ++rank) {
    code_by_rank[rank] = entries[rank].code;
    rank_by_code[entries[rank].code] = rank;
  }
  return order;
}

}  // namespace sextant
