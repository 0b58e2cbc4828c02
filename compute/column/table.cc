#include "compute/column/table.h"

#include <algorithm>
#include <utility>

#include "compute/column/keep_first.h"
#include "compute/column/table_links.h"
#include "compute/memory/check.h"

namespace sextant {
namespace {

uint64_t RowsOf(const std::vector<std::shared_ptr<const Chunk>>& chunks) {
  uint64_t num_rows = 0;
  for (const std::shared_ptr<const Chunk>& chunk : chunks) num_rows += chunk->num_rows();
  return num_rows;
}

}  // namespace

void ColumnFacts::Extend(const ZoneMap& zone) {
  null_count += zone.null_count;
  has_nan |= zone.has_nan;
  if (!zone.has_bounds) return;
  if (!has_bounds) {
    has_bounds = true;
    min_integer = zone.min_integer;
    max_integer = zone.max_integer;
    min_float = zone.min_float;
    max_float = zone.max_float;
    digits = zone.digits;
    return;
  }
  min_integer = std::min(min_integer, zone.min_integer);
  max_integer = std::max(max_integer, zone.max_integer);
  min_float = std::min(min_float, zone.min_float);
  max_float = std::max(max_float, zone.max_float);
  digits = std::max(digits, zone.digits);  // kNoDigits is the greatest
}

Table::Table(TableIdentity identity, std::shared_ptr<const Schema> schema,
             std::vector<std::shared_ptr<const Chunk>> chunks, std::vector<ColumnFacts> facts,
             std::shared_ptr<const TenantIndex> tenants, const TableLinks* links)
    : identity_(std::move(identity)),
      schema_(std::move(schema)),
      chunks_(std::move(chunks)),
      facts_(std::move(facts)),
      tenants_(std::move(tenants)),
      links_(links),
      text_ranks_(new std::atomic<const TextRanks*>[facts_.size()]()),
      order_demand_(schema_->num_fields(), RowsOf(chunks_)),
      rank_demand_(schema_->num_fields(), RowsOf(chunks_)) {
  SEXTANT_CHECK(tenants_ != nullptr && facts_.size() == schema_->num_fields());
  first_rows_.reserve(chunks_.size());
  for (const std::shared_ptr<const Chunk>& chunk : chunks_) {
    SEXTANT_CHECK(chunk->data().num_columns() == schema_->num_fields());
    first_rows_.push_back(num_rows_);
    num_rows_ += chunk->num_rows();
    num_live_rows_ += chunk->num_live_rows();
  }
}

Table::~Table() {
  for (ColumnIndex column = 0; column < facts_.size(); ++column) delete text_ranks(column);
}

bool Table::SetTextRanks(ColumnIndex column, std::unique_ptr<const TextRanks> ranks) const {
  SEXTANT_CHECK(ranks->column() == column);
  return KeepFirst(text_ranks_[column], std::move(ranks));
}

const Dictionary* Table::OrderedDictionary(ColumnIndex column) const {
  // Long texts that are alike take about 150 ns each: with more a step would take above 40 ms.
  constexpr uint32_t kMaxEntries = uint32_t{1} << 18;
  const Dictionary* const dictionary = facts_[column].dictionary.get();
  const DataType& type = schema_->field(column).type;
  const TypeKind kind = type.kind == TypeKind::kList ? type.ElementType().kind : type.kind;
  const bool fits = dictionary != nullptr && kind != TypeKind::kEnum && dictionary->size() > 1 &&
                    dictionary->size() <= kMaxEntries;
  return fits ? dictionary : nullptr;
}

size_t Table::reserved_bytes() const {
  size_t bytes = tenants_->reserved_bytes();
  for (const std::shared_ptr<const Chunk>& chunk : chunks_) bytes += chunk->reserved_bytes();
  for (const ColumnFacts& facts : facts_) {
    if (facts.dictionary != nullptr) bytes += facts.dictionary->reserved_bytes();
  }
  for (ColumnIndex column = 0; column < facts_.size(); ++column) {
    if (const TextRanks* const ranks = text_ranks(column)) bytes += ranks->reserved_bytes();
  }
  if (links_ != nullptr) bytes += links_->reserved_bytes();
  return bytes;
}

std::shared_ptr<const Table> Table::WithChunk(TableIdentity identity, uint32_t index,
                                              std::shared_ptr<const Chunk> chunk) const {
  SEXTANT_CHECK(index < num_chunks() && links_ == nullptr);
  // Rows keep their ordinals and tenants only if the data is the same.
  SEXTANT_CHECK(&chunk->data() == &chunks_[index]->data());
  std::vector<std::shared_ptr<const Chunk>> chunks = chunks_;
  chunks[index] = std::move(chunk);
  return std::make_shared<const Table>(std::move(identity), schema_, std::move(chunks), facts_,
                                       tenants_);
}

}  // namespace sextant
