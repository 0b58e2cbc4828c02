#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/column/text_ranks.h"
#include "compute/memory/buffer.h"

namespace sextant {

/// Makes the TextRanks of a column step by step, so that queries go first: the texts of one chunk
/// after another are sorted, then all are merged. A step takes some milliseconds; those that make
/// or copy an array of all rows take tens of them where there are 2^24. Cost: about 40 ns a text,
/// and 20 ns for each doubling of the chunks; while it lasts 2 bytes a row more than the index, and
/// up to 8 bytes a text where room grows or is cut. Not thread-safe.
class TextRanker {
 public:
  /// Whether the column's texts are kept as bytes, at most 4 MiB of them in a chunk, and 2^24 rows
  /// in all. Of one that is a list: no.
  static bool Fits(const Table& table, ColumnIndex column);

  /// REQUIRES: Fits(table, column); `table` outlives this and what it makes.
  TextRanker(const Table& table, ColumnIndex column, MemoryBudget& budget);

  /// Does the next step; nullptr while there are more to come. Errors: RESOURCE_EXHAUSTED; then no
  /// further step may follow.
  absl::StatusOr<std::unique_ptr<const TextRanks>> Step();

 private:
  /// Of a chunk whose rows are in order: the next one to be ranked.
  struct Cursor {
    std::string_view text;
    uint32_t chunk = 0;
    uint32_t next = 0;  // among all rows in order
    uint32_t end = 0;
  };

  absl::Status MakeRoom();
  absl::Status SortChunk(uint32_t chunk);
  absl::Status Merge(size_t num_rows);
  absl::StatusOr<std::unique_ptr<const TextRanks>> Finish();
  /// Looks at the text of the next row.
  void Load(Cursor& cursor) const;
  const Column& ColumnOf(uint32_t chunk) const { return table_.chunk(chunk).column(column_); }

  const Table& table_;
  const ColumnIndex column_;
  MemoryBudget& budget_;
  uint32_t num_sorted_ = 0;        // chunks
  TrackedVector<uint16_t> order_;  // rows that are not NULL, chunk after chunk
  std::vector<Cursor> cursors_;    // a heap, the least text on top; not row-proportional
  std::string_view last_text_;
  Buffer codes_;
  TrackedVector<uint32_t> firsts_;
  std::chrono::nanoseconds spent_{0};
};

}  // namespace sextant
