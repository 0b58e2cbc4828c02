#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/column.h"
#include "compute/column/value_index.h"
#include "compute/column/value_order.h"

namespace sextant {

/// Rows of a chunk at most. Tests use 7.
inline constexpr uint32_t kMaxChunkRows = 64 * 1024;

/// The columns of a chunk and what is known about them, shared by every version of the chunk.
/// Indexes appear after publication, one column at a time, each at most once; answers are equal
/// with and without. Thread-safety: columns are immutable; SetIndex may race with readers and with
/// itself (the first wins).
class ChunkData {
 public:
  ChunkData(uint32_t num_rows, std::vector<std::shared_ptr<const Column>> columns);
  ~ChunkData();
  ChunkData(const ChunkData&) = delete;
  ChunkData& operator=(const ChunkData&) = delete;

  uint32_t num_rows() const { return num_rows_; }
  uint32_t num_columns() const { return static_cast<uint32_t>(columns_.size()); }
  const Column& column(uint32_t index) const { return *columns_[index]; }
  const std::shared_ptr<const Column>& shared_column(uint32_t index) const {
    return columns_[index];
  }

  /// nullptr while there is none.
  const ValueIndex* index(uint32_t column) const {
    return indexes_[column].load(std::memory_order_acquire);
  }
  /// Keeps `index` unless one is there. Returns whether it was kept.
  bool SetIndex(uint32_t column, std::unique_ptr<const ValueIndex> index) const;

  /// nullptr while there is none.
  const ValueOrder* order(uint32_t column) const {
    return orders_[column].load(std::memory_order_acquire);
  }
  /// Keeps `order` unless one is there. Returns whether it was kept.
  bool SetOrder(uint32_t column, std::unique_ptr<const ValueOrder> order) const;

  size_t reserved_bytes() const;

 private:
  const uint32_t num_rows_;
  const std::vector<std::shared_ptr<const Column>>
      columns_;  // not row-proportional: one per column
  const std::unique_ptr<std::atomic<const ValueIndex*>[]> indexes_;
  const std::unique_ptr<std::atomic<const ValueOrder*>[]> orders_;
};

/// One version of a chunk: its data, and which of its rows are live. Every scan ANDs live().
/// Immutable.
class Chunk {
 public:
  /// All rows are live.
  explicit Chunk(std::shared_ptr<const ChunkData> data);

  /// The next version of this chunk, without `deleted_rows` (any order, repeats and dead rows
  /// allowed); shares the data.
  absl::StatusOr<std::shared_ptr<const Chunk>> WithoutRows(std::span<const uint32_t> deleted_rows,
                                                           MemoryBudget& budget) const;

  /// Unique among all chunk versions of this process: the key of caches.
  uint64_t version_id() const { return version_id_; }
  uint32_t num_rows() const { return data_->num_rows(); }
  uint32_t num_live_rows() const { return num_live_rows_; }
  const Column& column(uint32_t index) const { return data_->column(index); }
  const ValueIndex* index(uint32_t column) const { return data_->index(column); }
  const ValueOrder* order(uint32_t column) const { return data_->order(column); }
  const ChunkData& data() const { return *data_; }
  /// Empty when every row is live.
  std::span<const uint64_t> live() const { return live_.As<uint64_t>(); }
  size_t reserved_bytes() const { return data_->reserved_bytes() + live_.reserved_bytes(); }

 private:
  Chunk(std::shared_ptr<const ChunkData> data, Buffer live);

  const std::shared_ptr<const ChunkData> data_;
  const Buffer live_;
  uint32_t num_live_rows_;
  const uint64_t version_id_;
};

}  // namespace sextant
