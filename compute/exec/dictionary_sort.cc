#include "compute/exec/dictionary_sort.h"

#include <chrono>
#include <span>
#include <utility>

#include "compute/exec/text_sort.h"
#include "compute/memory/status_macros.h"

namespace sextant {

absl::StatusOr<std::unique_ptr<const DictionaryOrder>> SortEntries(const Dictionary& dictionary,
                                                                   MemoryBudget& budget) {
  const auto start = std::chrono::steady_clock::now();
  const uint32_t size = dictionary.size();
  TrackedVector<KeyedItem> items(budget);
  SEXTANT_RETURN_IF_ERROR(items.ResizeUninitialized(size));
  for (uint32_t code = 0; code < size; ++code) items[code] = {.item = code, .key = 0};
  const auto text_of = [&](uint64_t code) { return dictionary.Entry(static_cast<uint32_t>(code)); };
  SEXTANT_RETURN_IF_ERROR(TextSorter(budget, AlwaysGoOn, text_of).Sort(items.span()));
  auto order = std::make_unique<DictionaryOrder>();
  SEXTANT_ASSIGN_OR_RETURN(order->buffer,
                           Buffer::AllocateUninitialized(budget, size * sizeof(uint32_t)));
  const std::span<uint32_t> codes = order->buffer.As<uint32_t>();
  for (uint32_t rank = 0; rank < size; ++rank)
    codes[rank] = static_cast<uint32_t>(items[rank].item);
  order->build_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start)
          .count();
  return order;
}

}  // namespace sextant
