#include <bit>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "compute/column/bitmap.h"
#include "compute/column/table_links.h"
#include "compute/kernels/linked_hits.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/linked_rows.h"
#include "compute/operators/predicate_step.h"

namespace sextant {
namespace {

/// A look at one linked row; of many rows per row a few of them.
constexpr int kOneCost = 6;
constexpr int kManyCost = 24;

/// Whether a linked row satisfies a condition, or whether there is one.
class ExistsStep final : public PredicateStep {
 public:
  ExistsStep(const Table& table, std::shared_ptr<const LinkRows> links,
             std::unique_ptr<LinkedRows> found, bool negated)
      : links_(std::move(links)), found_(std::move(found)), negated_(negated) {
    for (uint32_t chunk = 0; chunk < table.num_chunks(); ++chunk) {
      chunks_.emplace(&table.chunk(chunk).data(), chunk);
    }
  }

  void Narrow(const Chunk& chunk, Selection selection, FilterScratch&) const override {
    const uint32_t index = IndexOf(chunk);
    const uint64_t* const words =
        found_ == nullptr ? nullptr : found_->Find(links_->ChunksOf(index));
    if (links_->kind() == LinkKind::kOne) {
      NarrowByOne(chunk, links_->from().first(index), words, selection);
    } else {
      const LinkedLists lists = {links_->offsets().data() + links_->from().first(index),
                                 links_->rows().data()};
      if (words == nullptr) return NarrowByAnyLinked(lists, negated_, selection);
      NarrowByLinked(lists, words, negated_, selection);
    }
  }
  ZoneVerdict Judge(const Chunk& chunk) const override {
    const LinkRows::ChunkSpan span = links_->ChunksOf(IndexOf(chunk));
    if (span.first < span.last) return ZoneVerdict::kSome;
    return negated_ ? ZoneVerdict::kAll : ZoneVerdict::kNone;
  }
  int cost() const override { return links_->kind() == LinkKind::kOne ? kOneCost : kManyCost; }

 private:
  uint32_t IndexOf(const Chunk& chunk) const {
    const auto known = chunks_.find(&chunk.data());
    SEXTANT_CHECK(known != chunks_.end());
    return known->second;
  }

  void NarrowByOne(const Chunk& chunk, uint32_t first, const uint64_t* words,
                   Selection selection) const {
    const uint32_t* const rows = links_->rows().data() + first;
    const uint64_t flip = negated_ ? 1 : 0;
    if (words == nullptr) {
      const uint32_t none = links_->to().size();
      return NarrowByValue(rows, chunk.num_rows(), selection,
                           [&](uint32_t row) { return uint64_t{row != none} ^ flip; });
    }
    NarrowByValue(rows, chunk.num_rows(), selection,
                  [&](uint32_t row) { return ((words[row / 64] >> (row % 64)) & 1) ^ flip; });
  }

  const std::shared_ptr<const LinkRows> links_;
  const std::unique_ptr<LinkedRows> found_;  // null: any linked row does
  const bool negated_;
  absl::flat_hash_map<const ChunkData*, uint32_t> chunks_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PredicateStep>> CompileExistsLeaf(const ExistsLeaf& leaf,
                                                                 bool negated, const Table& table,
                                                                 MemoryBudget& budget) {
  SEXTANT_CHECK(table.links() != nullptr && leaf.link < table.links()->links.size());
  const TableLinks::Link& link = table.links()->links[leaf.link];
  std::unique_ptr<LinkedRows> found;
  if (!leaf.children.empty()) {
    SEXTANT_ASSIGN_OR_RETURN(
        found, LinkedRows::Create(leaf.children[0], *link.target, link.rows->to(), budget));
  }
  return std::make_unique<ExistsStep>(table, link.rows, std::move(found), negated);
}

}  // namespace sextant
