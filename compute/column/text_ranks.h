#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compute/column/chunk.h"
#include "compute/memory/buffer.h"

namespace sextant {

/// Of a column of texts kept as bytes: the place of each row's text among the distinct ones of all
/// rows of a version, in their order by bytes (rule 7). What codes of a dictionary in order are to
/// other columns: groups by it need neither intern texts nor sort them. An index; 4 bytes a row and
/// 4 a distinct text. Immutable, so safe for any thread; lives no longer than the chunks.
class TextRanks {
 public:
  /// Chunks of more rows, or more of them, have none: a row is named in 32 bits.
  static constexpr uint32_t kMaxChunks = uint32_t{1} << 16;
  static_assert(kMaxChunkRows <= uint32_t{1} << 16);

  /// A row of a chunk by its number among those of the version.
  struct Place {
    uint32_t chunk = 0;
    uint32_t row = 0;

    uint32_t Packed() const { return chunk << 16 | row; }
    static Place Of(uint32_t packed) { return {packed >> 16, packed & 0xFFFF}; }
  };

  /// `codes`: a uint32_t per row, chunk after chunk: 0 of NULL, else 1 + the rank of its text.
  /// `firsts`: by rank, the packed place of a row with the text, a uint32_t each. REQUIRES: the
  /// column has layout kBytes in all `chunks`, which outlive this; at most kMaxChunks.
  TextRanks(std::vector<const ChunkData*> chunks, uint32_t column, Buffer codes, Buffer firsts,
            int64_t build_ns);

  /// Of the rows of a chunk of the version.
  const uint32_t* CodesOf(const ChunkData& chunk) const {
    return codes_.As<uint32_t>().data() + first_rows_.find(&chunk)->second;
  }
  uint32_t num_texts() const { return static_cast<uint32_t>(firsts_.As<uint32_t>().size()); }
  /// REQUIRES: rank < num_texts().
  std::string_view Text(uint32_t rank) const {
    const Place place = Place::Of(firsts_.As<uint32_t>()[rank]);
    return chunks_[place.chunk]->column(column_).BytesAt(place.row);
  }
  uint32_t column() const { return column_; }
  size_t reserved_bytes() const { return codes_.reserved_bytes() + firsts_.reserved_bytes(); }
  int64_t build_ns() const { return build_ns_; }

 private:
  // Of the version.
  const std::vector<const ChunkData*> chunks_;                  // not row-proportional: chunks
  absl::flat_hash_map<const ChunkData*, uint64_t> first_rows_;  // not row-proportional: likewise
  const uint32_t column_;
  const Buffer codes_;
  const Buffer firsts_;
  const int64_t build_ns_;
};

}  // namespace sextant
