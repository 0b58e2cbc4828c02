#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "compute/column/chunk.h"
#include "compute/column/schema.h"
#include "compute/column/table.h"
#include "compute/memory/buffer.h"

namespace sextant {

/// Numbers for the rows of a table, such that the rows of each chunk begin at a multiple of 64:
/// sets of rows are bitmaps whose words belong to one chunk each. Some numbers are no row's.
class RowNumbers {
 public:
  /// REQUIRES: Fits.
  explicit RowNumbers(const Table& table);
  /// Whether numbers of 32 bits do.
  static bool Fits(const Table& table);

  /// Of the first row of chunk `chunk`; a multiple of 64.
  uint32_t first(uint32_t chunk) const { return firsts_[chunk]; }
  /// More than any row's: also the number that stands for no row.
  uint32_t size() const { return firsts_.back(); }
  /// The chunk that has row number `number`.
  uint32_t ChunkOf(uint32_t number) const;

 private:
  std::vector<uint32_t> firsts_;  // not row-proportional: one per chunk, and the end
};

/// The linked rows of each row of a table, both by their RowNumbers. Immutable.
class LinkRows {
 public:
  /// Chunks of the linked table, [first, last), that have all linked rows of a chunk.
  struct ChunkSpan {
    uint32_t first = 0;
    uint32_t last = 0;
  };

  /// kOne: `rows` has a uint32_t per number of `from`: that of the linked row, or `to`.size() for
  /// none; `offsets` is empty. kMany: the linked rows of a row, ascending, each once, are
  /// rows[offsets[number]] to rows[offsets[number + 1]]. Both buffers may be larger.
  LinkRows(LinkKind kind, const RowNumbers& from, const RowNumbers& to, Buffer offsets,
           Buffer rows);

  LinkKind kind() const { return kind_; }
  /// Of kMany, from_.size() + 1.
  std::span<const uint32_t> offsets() const {
    return offsets_.As<uint32_t>().first(size_t{from_.size()} + 1);
  }
  std::span<const uint32_t> rows() const {
    return rows_.As<uint32_t>().first(kind_ == LinkKind::kOne ? from_.size() : offsets().back());
  }
  /// The linked rows of row number `number`; of kOne none or one.
  std::span<const uint32_t> RowsOf(uint32_t number) const;
  ChunkSpan ChunksOf(uint32_t chunk) const { return spans_[chunk]; }
  const RowNumbers& from() const { return from_; }
  const RowNumbers& to() const { return to_; }
  size_t reserved_bytes() const { return offsets_.reserved_bytes() + rows_.reserved_bytes(); }

 private:
  ChunkSpan SpanOf(uint32_t begin, uint32_t end) const;

  const LinkKind kind_;
  const RowNumbers from_;
  const RowNumbers to_;
  const Buffer offsets_;
  const Buffer rows_;
  std::vector<ChunkSpan> spans_;  // not row-proportional: one per chunk
};

/// The links of a table, in the order of its schema's.
struct TableLinks {
  struct Link {
    std::shared_ptr<const LinkRows> rows;
    const Table* target = nullptr;
  };
  /// Unique among all groups of linked tables of this process: with it a cached answer says which
  /// versions of the linked tables it was computed from.
  uint64_t group_id = 0;
  std::vector<Link> links = {};  // not row-proportional: declared

  size_t reserved_bytes() const;
};

/// A table of a group before it is linked: what a Table is made of, and the links of its schema
/// with the positions of the tables that they lead to.
struct UnlinkedTable {  // not row-proportional: one value per chunk, column or link
  struct Link {
    std::shared_ptr<const LinkRows> rows;
    size_t target = 0;
  };
  TableIdentity identity;
  std::shared_ptr<const Schema> schema;
  std::vector<std::shared_ptr<const Chunk>> chunks;
  std::vector<ColumnFacts> facts;
  std::shared_ptr<const TenantIndex> tenants;
  std::vector<Link> links;
};

/// Tables that lead to one another, in circles too: each pointer keeps all of them.
std::vector<std::shared_ptr<const Table>> LinkTables(std::vector<UnlinkedTable> tables);

}  // namespace sextant
