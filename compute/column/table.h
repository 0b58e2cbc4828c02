#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compute/column/chunk.h"
#include "compute/column/dictionary.h"
#include "compute/column/float_digits.h"
#include "compute/column/order_demand.h"
#include "compute/column/schema.h"
#include "compute/column/tenant_scope.h"
#include "compute/column/text_ranks.h"

namespace sextant {

struct TableLinks;

/// What tells one version of a dataset from another.
struct TableIdentity {
  std::string dataset;
  uint64_t version = 0;  // grows by 1 per publication of the dataset
  int64_t as_of_us = 0;  // PostgreSQL's now() of the snapshot, microseconds since the Unix epoch
};

/// Facts of a column over all chunks of a version.
struct ColumnFacts {
  Layout layout = Layout::kInteger;
  /// kCode, and kList of text: of the elements; else null.
  std::shared_ptr<const Dictionary> dictionary;
  /// Dictionary entries that this version may use: codes are below.
  uint32_t dictionary_size = 0;
  /// Union of the chunks' zone maps (of a list: of its elements).
  uint64_t null_count = 0;
  bool has_bounds = false;
  bool has_nan = false;
  int64_t min_integer = 0;
  int64_t max_integer = 0;
  double min_float = 0;
  double max_float = 0;
  uint8_t digits = kNoDigits;  // of floats: that every value has

  /// Adds what is known of one more chunk.
  void Extend(const ZoneMap& zone);
};

/// An immutable version of a dataset: schema, chunks in row order, dictionaries, tenants. A pinned
/// `shared_ptr<const Table>` is the snapshot that a query answers from.
///
/// A row's ordinal is its position over all chunks, deleted rows included; float sums go by ranges
/// of ordinals (rule 4). Thread-safety: immutable, but for indexes and the demand for them.
class Table {
 public:
  /// REQUIRES: every chunk has the schema's columns; with a tenant column, `tenants` covers every
  /// row whose tenant is not NULL; `links`, if any, outlives the table. Built by TableBuilder, and
  /// where datasets are linked by LinkedTables.
  Table(TableIdentity identity, std::shared_ptr<const Schema> schema,
        std::vector<std::shared_ptr<const Chunk>> chunks, std::vector<ColumnFacts> facts,
        std::shared_ptr<const TenantIndex> tenants, const TableLinks* links = nullptr);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const TableIdentity& identity() const { return identity_; }
  const Schema& schema() const { return *schema_; }
  const std::shared_ptr<const Schema>& shared_schema() const { return schema_; }
  uint32_t num_chunks() const { return static_cast<uint32_t>(chunks_.size()); }
  const Chunk& chunk(uint32_t index) const { return *chunks_[index]; }
  const std::shared_ptr<const Chunk>& shared_chunk(uint32_t index) const { return chunks_[index]; }
  /// The ordinal of the first row of chunk `index`.
  uint64_t first_row(uint32_t index) const { return first_rows_[index]; }
  const ColumnFacts& facts(ColumnIndex column) const { return facts_[column]; }
  /// The dictionary of the column that is worth a DictionaryOrder: of texts, not too many for one
  /// step of a worker; else nullptr.
  const Dictionary* OrderedDictionary(ColumnIndex column) const;
  /// nullptr while there are none.
  const TextRanks* text_ranks(ColumnIndex column) const {
    return text_ranks_[column].load(std::memory_order_acquire);
  }
  /// Keeps `ranks`, which are of this version and of the column, unless some are there; any thread.
  /// Returns whether they were kept.
  bool SetTextRanks(ColumnIndex column, std::unique_ptr<const TextRanks> ranks) const;
  const TenantIndex& tenants() const { return *tenants_; }
  const std::shared_ptr<const TenantIndex>& shared_tenants() const { return tenants_; }
  /// Where the links of the schema lead; nullptr when it has none.
  const TableLinks* links() const { return links_; }
  /// Of this version: another one begins anew, with the orders of the chunks that it shares.
  const OrderDemand& order_demand() const { return order_demand_; }
  /// The same for TextRanks, by the rows whose texts groups have interned.
  const OrderDemand& rank_demand() const { return rank_demand_; }
  /// Whether one of them has news since the last call.
  bool TakeNewsOfDemand() const {
    const bool of_orders = order_demand_.TakeNews();
    return rank_demand_.TakeNews() || of_orders;
  }
  uint64_t num_rows() const { return num_rows_; }
  uint64_t num_live_rows() const { return num_live_rows_; }
  /// Chunks, dictionaries and tenants; what versions share is counted in each.
  size_t reserved_bytes() const;

  /// This version with chunk `index` replaced by another version of the same chunk, under a new
  /// identity. REQUIRES: no links.
  std::shared_ptr<const Table> WithChunk(TableIdentity identity, uint32_t index,
                                         std::shared_ptr<const Chunk> chunk) const;

 private:
  const TableIdentity identity_;
  const std::shared_ptr<const Schema> schema_;
  const std::vector<std::shared_ptr<const Chunk>>
      chunks_;                            // not row-proportional: one per 64 Ki rows
  std::vector<uint64_t> first_rows_;      // not row-proportional: one per chunk
  const std::vector<ColumnFacts> facts_;  // not row-proportional: one per column
  const std::shared_ptr<const TenantIndex> tenants_;
  const TableLinks* const links_;
  const std::unique_ptr<std::atomic<const TextRanks*>[]> text_ranks_;  // owned
  uint64_t num_rows_ = 0;
  uint64_t num_live_rows_ = 0;
  const OrderDemand order_demand_;
  const OrderDemand rank_demand_;
};

}  // namespace sextant
