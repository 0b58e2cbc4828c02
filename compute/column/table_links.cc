#include "compute/column/table_links.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/memory/check.h"

namespace sextant {
namespace {

uint64_t NextGroupId() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

uint64_t NumbersOf(const Chunk& chunk) { return uint64_t{BitmapWords(chunk.num_rows())} * 64; }

struct LinkedGroup {
  std::vector<TableLinks> links;                     // not row-proportional: one per dataset
  std::vector<std::unique_ptr<const Table>> tables;  // not row-proportional: likewise
};

}  // namespace

RowNumbers::RowNumbers(const Table& table) {
  SEXTANT_CHECK(Fits(table));
  firsts_.push_back(0);
  for (uint32_t chunk = 0; chunk < table.num_chunks(); ++chunk) {
    firsts_.push_back(firsts_.back() + static_cast<uint32_t>(NumbersOf(table.chunk(chunk))));
  }
}

bool RowNumbers::Fits(const Table& table) {
  uint64_t size = 0;
  for (uint32_t chunk = 0; chunk < table.num_chunks(); ++chunk)
    size += NumbersOf(table.chunk(chunk));
  return size < std::numeric_limits<uint32_t>::max() - 64;
}

uint32_t RowNumbers::ChunkOf(uint32_t number) const {
  const auto after = std::upper_bound(firsts_.begin(), firsts_.end(), number);
  return static_cast<uint32_t>(after - firsts_.begin()) - 1;
}

LinkRows::LinkRows(LinkKind kind, const RowNumbers& from, const RowNumbers& to, Buffer offsets,
                   Buffer rows)
    : kind_(kind), from_(from), to_(to), offsets_(std::move(offsets)), rows_(std::move(rows)) {
  const bool is_one = kind_ == LinkKind::kOne;
  SEXTANT_CHECK(is_one || offsets_.size_bytes() >= (size_t{from_.size()} + 1) * sizeof(uint32_t));
  SEXTANT_CHECK(rows_.size_bytes() >= this->rows().size_bytes());
  for (uint32_t chunk = 0; from_.first(chunk) < from_.size(); ++chunk) {
    const uint32_t begin = from_.first(chunk);
    const uint32_t end = from_.first(chunk + 1);
    spans_.push_back(is_one ? SpanOf(begin, end)
                            : SpanOf(this->offsets()[begin], this->offsets()[end]));
  }
}

LinkRows::ChunkSpan LinkRows::SpanOf(uint32_t begin, uint32_t end) const {
  uint32_t least = to_.size();
  uint32_t greatest = 0;
  for (const uint32_t row : rows().subspan(begin, end - begin)) {
    if (row == to_.size()) continue;
    least = std::min(least, row);
    greatest = std::max(greatest, row);
  }
  if (least == to_.size()) return {};
  return {to_.ChunkOf(least), to_.ChunkOf(greatest) + 1};
}

std::span<const uint32_t> LinkRows::RowsOf(uint32_t number) const {
  if (kind_ == LinkKind::kMany) {
    return rows().subspan(offsets()[number], offsets()[number + 1] - offsets()[number]);
  }
  return rows().subspan(number, rows()[number] == to_.size() ? 0 : 1);
}

size_t TableLinks::reserved_bytes() const {
  size_t bytes = 0;
  for (const Link& link : links) bytes += link.rows->reserved_bytes();
  return bytes;
}

std::vector<std::shared_ptr<const Table>> LinkTables(std::vector<UnlinkedTable> tables) {
  const auto group = std::make_shared<LinkedGroup>();
  const uint64_t group_id = NextGroupId();
  group->links.resize(tables.size());
  std::vector<std::shared_ptr<const Table>> linked;
  for (size_t i = 0; i < tables.size(); ++i) {
    UnlinkedTable& table = tables[i];
    group->links[i].group_id = group_id;
    group->tables.push_back(std::make_unique<const Table>(
        std::move(table.identity), std::move(table.schema), std::move(table.chunks),
        std::move(table.facts), std::move(table.tenants), &group->links[i]));
    linked.emplace_back(group, group->tables[i].get());
  }
  for (size_t i = 0; i < tables.size(); ++i) {
    SEXTANT_CHECK(tables[i].links.size() == group->tables[i]->schema().links().size());
    for (UnlinkedTable::Link& link : tables[i].links) {
      SEXTANT_CHECK(link.target < group->tables.size());
      group->links[i].links.push_back({std::move(link.rows), group->tables[link.target].get()});
    }
  }
  return linked;
}

}  // namespace sextant
