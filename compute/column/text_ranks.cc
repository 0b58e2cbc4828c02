#include "compute/column/text_ranks.h"

#include <utility>

#include "compute/memory/check.h"

namespace sextant {

TextRanks::TextRanks(std::vector<const ChunkData*> chunks, uint32_t column, Buffer codes,
                     Buffer firsts, int64_t build_ns)
    : chunks_(std::move(chunks)),
      column_(column),
      codes_(std::move(codes)),
      firsts_(std::move(firsts)),
      build_ns_(build_ns) {
  SEXTANT_CHECK(chunks_.size() <= kMaxChunks);
  uint64_t num_rows = 0;
  for (const ChunkData* const chunk : chunks_) {
    SEXTANT_CHECK(chunk->column(column_).layout() == Layout::kBytes);
    SEXTANT_CHECK(first_rows_.emplace(chunk, num_rows).second);
    num_rows += chunk->num_rows();
  }
  SEXTANT_CHECK(codes_.As<uint32_t>().size() == num_rows);
}

}  // namespace sextant
