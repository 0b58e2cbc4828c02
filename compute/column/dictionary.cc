#include "compute/column/dictionary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/column/bitmap.h"
#include "compute/column/keep_first.h"
#include "compute/column/string_hash.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

// A slot is the upper half of the hash (the tag) above code + 1; zero is empty. The home of an
// entry is the upper bits of its tag, so growth moves slots without hashing the strings again.
constexpr uint32_t kFirstSlotBits = 6;
constexpr uint32_t kFirstSegmentBits = 5;
constexpr size_t kNumSegments = 27;  // 2^5 + 2^6 + ... + 2^31 covers kMaxEntries
constexpr size_t kFirstBlockBytes = 1024;
// With the tail of a Buffer, one huge page.
constexpr size_t kMaxBlockBytes = (size_t{2} << 20) - 64;
/// Tables up to this size stay in L1; fetching ahead costs more than it gains.
constexpr size_t kSlotsInL1 = 2048;
constexpr size_t kSparseSlots = 16384;
constexpr size_t kBatchValues = 128;

struct EntryRef {
  const char* bytes = nullptr;
  size_t length = 0;
};

/// Where entry `code` lies. Segment k holds 2^(kFirstSegmentBits + k) entries; no branch, because
/// every probe comes through here.
struct SegmentPosition {
  explicit SegmentPosition(uint32_t code) {
    const uint32_t shifted = code + (1u << kFirstSegmentBits);
    const uint32_t top_bit = 31u - static_cast<uint32_t>(std::countl_zero(shifted));
    segment = top_bit - kFirstSegmentBits;
    index = shifted - (1u << top_bit);
  }
  uint32_t segment;
  uint32_t index;
};

size_t SegmentEntries(uint32_t segment) { return size_t{1} << (kFirstSegmentBits + segment); }

/// A small table is kept three quarters empty, a large one half: the first misses less often, the
/// second must fit its cache.
bool IsFull(size_t num_entries, size_t num_slots) {
  return num_entries * (num_slots <= kSparseSlots ? 4 : 2) >= num_slots;
}

/// One size of the hash table. Readers probe it while the writer fills it.
struct HashTable {
  HashTable(Buffer storage, uint32_t num_slot_bits)
      : buffer(std::move(storage)),
        slots(buffer.As<uint64_t>()),
        slot_bits(num_slot_bits),
        mask((size_t{1} << num_slot_bits) - 1) {}

  size_t Home(uint32_t tag) const { return tag >> (32 - slot_bits); }
  uint64_t Load(size_t position) const {
    return std::atomic_ref<uint64_t>(slots[position]).load(std::memory_order_acquire);
  }
  void Store(size_t position, uint64_t slot) const {
    std::atomic_ref<uint64_t>(slots[position]).store(slot, std::memory_order_release);
  }

  Buffer buffer;
  const std::span<uint64_t> slots;
  const uint32_t slot_bits;
  const size_t mask;
};

absl::StatusOr<std::unique_ptr<HashTable>> MakeTable(MemoryBudget& budget, uint32_t slot_bits) {
  SEXTANT_ASSIGN_OR_RETURN(Buffer buffer, Buffer::Allocate(budget, sizeof(uint64_t) << slot_bits));
  return std::make_unique<HashTable>(std::move(buffer), slot_bits);
}

}  // namespace

struct Dictionary::Impl {
  explicit Impl(MemoryBudget& memory_budget) : budget(memory_budget), seed(HashSeedOfProcess()) {}

  const EntryRef& Ref(uint32_t code) const {
    const SegmentPosition position(code);
    return segments[position.segment].load(std::memory_order_acquire)[position.index];
  }

  void PrefetchRef(uint64_t slot) const {
    if (slot != 0) __builtin_prefetch(&Ref(static_cast<uint32_t>(slot) - 1));
  }

  /// The code of `value`, or kNoCode and the empty slot where it would go.
  uint32_t Probe(const HashTable& probed, std::string_view value, uint32_t tag,
                 size_t* position) const {
    size_t at = probed.Home(tag);
    for (;; at = (at + 1) & probed.mask) {
      const uint64_t slot = probed.Load(at);
      if (static_cast<uint32_t>(slot >> 32) != tag || slot == 0) {
        if (slot == 0) break;
        continue;
      }
      const uint32_t code = static_cast<uint32_t>(slot) - 1;
      const EntryRef& ref = Ref(code);
      if (ref.length == value.size() && SameBytes(ref.bytes, value.data(), ref.length)) {
        return code;
      }
    }
    *position = at;
    return kNoCode;
  }

  absl::Status GrowTable();
  absl::Status EnsureSegment(uint32_t code);
  absl::StatusOr<char*> EnsureBytes(size_t size_bytes);

  MemoryBudget& budget;
  const uint64_t seed;
  std::atomic<const HashTable*> table{nullptr};
  std::array<std::atomic<EntryRef*>, kNumSegments> segments{};
  // The writer's own. Readers may still probe any of `tables`.
  std::vector<std::unique_ptr<HashTable>> tables;  // not row-proportional: one per doubling
  std::vector<Buffer> segment_buffers;             // not row-proportional: one per doubling
  std::vector<Buffer> blocks;                      // not row-proportional: one per 2 MiB of strings
  char* block_next = nullptr;
  size_t block_left_bytes = 0;
  size_t next_block_bytes = kFirstBlockBytes;
  std::atomic<size_t> reserved_bytes{0};
};

absl::Status Dictionary::Impl::GrowTable() {
  const HashTable* old = table.load(std::memory_order_relaxed);
  const uint32_t slot_bits = old == nullptr ? kFirstSlotBits : old->slot_bits + 1;
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<HashTable> grown, MakeTable(budget, slot_bits));
  for (size_t from = 0; old != nullptr && from <= old->mask; ++from) {
    const uint64_t slot = old->slots[from];
    if (slot == 0) continue;
    size_t to = grown->Home(static_cast<uint32_t>(slot >> 32));
    while (grown->slots[to] != 0) to = (to + 1) & grown->mask;
    grown->slots[to] = slot;  // plain: nobody sees this table before it is published
  }
  reserved_bytes.fetch_add(grown->buffer.reserved_bytes(), std::memory_order_relaxed);
  tables.push_back(std::move(grown));
  table.store(tables.back().get(), std::memory_order_release);
  return absl::OkStatus();
}

absl::Status Dictionary::Impl::EnsureSegment(uint32_t code) {
  const uint32_t segment = SegmentPosition(code).segment;
  if (segments[segment].load(std::memory_order_relaxed) != nullptr) return absl::OkStatus();
  SEXTANT_ASSIGN_OR_RETURN(Buffer buffer,
                           Buffer::Allocate(budget, SegmentEntries(segment) * sizeof(EntryRef)));
  reserved_bytes.fetch_add(buffer.reserved_bytes(), std::memory_order_relaxed);
  segments[segment].store(buffer.As<EntryRef>().data(), std::memory_order_release);
  segment_buffers.push_back(std::move(buffer));
  return absl::OkStatus();
}

absl::StatusOr<char*> Dictionary::Impl::EnsureBytes(size_t size_bytes) {
  if (size_bytes <= block_left_bytes) return block_next;
  const size_t block_bytes = std::max(size_bytes, next_block_bytes);
  SEXTANT_ASSIGN_OR_RETURN(Buffer block, Buffer::Allocate(budget, block_bytes));
  reserved_bytes.fetch_add(block.reserved_bytes(), std::memory_order_relaxed);
  next_block_bytes = std::min(next_block_bytes * 2, kMaxBlockBytes);
  block_next = reinterpret_cast<char*>(block.data());
  block_left_bytes = block_bytes;
  blocks.push_back(std::move(block));
  return block_next;
}

Dictionary::Dictionary(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Dictionary::~Dictionary() { delete order_.load(std::memory_order_acquire); }

absl::StatusOr<std::shared_ptr<Dictionary>> Dictionary::Create(MemoryBudget& budget) {
  auto impl = std::make_unique<Impl>(budget);
  SEXTANT_RETURN_IF_ERROR(impl->GrowTable());
  return std::shared_ptr<Dictionary>(new Dictionary(std::move(impl)));
}

absl::StatusOr<uint32_t> Dictionary::FindOrAppend(std::string_view value) {
  const uint64_t hash = HashString(value, impl_->seed);
  size_t position = 0;
  const uint32_t code = impl_->Probe(*impl_->table.load(std::memory_order_relaxed), value,
                                     static_cast<uint32_t>(hash >> 32), &position);
  if (code != kNoCode) return code;
  return Append(value, hash, position);
}

absl::StatusOr<uint32_t> Dictionary::Append(std::string_view value, uint64_t hash,
                                            size_t position) {
  const auto tag = static_cast<uint32_t>(hash >> 32);
  const HashTable* table = impl_->table.load(std::memory_order_relaxed);
  const uint32_t code = size_.load(std::memory_order_relaxed);
  if (code == kMaxEntries) {
    return absl::ResourceExhaustedError(
        absl::StrCat("dictionary: more than ", kMaxEntries, " distinct values"));
  }
  // All that may be refused comes first: a refusal leaves the dictionary as it was.
  if (IsFull(code, table->mask + 1)) {
    SEXTANT_RETURN_IF_ERROR(impl_->GrowTable());
    table = impl_->table.load(std::memory_order_relaxed);
    impl_->Probe(*table, value, tag, &position);
  }
  SEXTANT_RETURN_IF_ERROR(impl_->EnsureSegment(code));
  SEXTANT_ASSIGN_OR_RETURN(char* bytes, impl_->EnsureBytes(value.size()));
  if (!value.empty()) std::memcpy(bytes, value.data(), value.size());
  impl_->block_next += value.size();
  impl_->block_left_bytes -= value.size();
  const SegmentPosition at(code);
  impl_->segments[at.segment].load(std::memory_order_relaxed)[at.index] = {bytes, value.size()};
  // The size before the slot: whoever finds a code by its slot also sees a size that covers it.
  size_.store(code + 1, std::memory_order_release);
  table->Store(position, uint64_t{tag} << 32 | (uint64_t{code} + 1));
  return code;
}

absl::Status Dictionary::FindOrAppendBatch(std::span<const std::string_view> values,
                                           std::span<const uint64_t> valid,
                                           std::span<uint32_t> codes) {
  SEXTANT_DCHECK(codes.size() == values.size());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): scratch, written before it is read.
  std::array<uint64_t, kBatchValues> hashes;
  const uint64_t seed = impl_->seed;
  for (size_t begin = 0; begin < values.size(); begin += kBatchValues) {
    const size_t count = std::min(kBatchValues, values.size() - begin);
    const HashTable* table = impl_->table.load(std::memory_order_relaxed);
    const bool fetch_ahead = table->mask >= kSlotsInL1;
    for (size_t i = 0; i < count; ++i) {
      if (!valid.empty() && !TestBit(valid, begin + i)) continue;
      hashes[i] = HashString(values[begin + i], seed);
      if (fetch_ahead) {
        __builtin_prefetch(&table->slots[table->Home(static_cast<uint32_t>(hashes[i] >> 32))]);
      }
    }
    for (size_t i = 0; i < count; ++i) {
      uint32_t& code = codes[begin + i];
      code = 0;
      if (!valid.empty() && !TestBit(valid, begin + i)) continue;
      const std::string_view value = values[begin + i];
      size_t position = 0;
      code = impl_->Probe(*table, value, static_cast<uint32_t>(hashes[i] >> 32), &position);
      if (code != kNoCode) [[likely]]
        continue;
      SEXTANT_ASSIGN_OR_RETURN(code, Append(value, hashes[i], position));
      table = impl_->table.load(std::memory_order_relaxed);
    }
  }
  return absl::OkStatus();
}

std::string_view Dictionary::Entry(uint32_t code) const {
  SEXTANT_DCHECK(code < size()) << "code " << code;
  const EntryRef& ref = impl_->Ref(code);
  return {ref.bytes, ref.length};
}

uint32_t Dictionary::Find(std::string_view value) const {
  const auto tag = static_cast<uint32_t>(HashString(value, impl_->seed) >> 32);
  size_t position = 0;
  return impl_->Probe(*impl_->table.load(std::memory_order_acquire), value, tag, &position);
}

void Dictionary::FindBatch(std::span<const std::string> values, std::span<uint32_t> codes) const {
  SEXTANT_DCHECK(codes.size() == values.size());
  const HashTable& table = *impl_->table.load(std::memory_order_acquire);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): scratch, written before it is read.
  std::array<uint32_t, kBatchValues> tags;
  for (size_t begin = 0; begin < values.size(); begin += kBatchValues) {
    const size_t count = std::min(kBatchValues, values.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      tags[i] = static_cast<uint32_t>(HashString(values[begin + i], impl_->seed) >> 32);
      __builtin_prefetch(&table.slots[table.Home(tags[i])]);
    }
    for (size_t i = 0; i < count; ++i) impl_->PrefetchRef(table.Load(table.Home(tags[i])));
    for (size_t i = 0; i < count; ++i) {
      size_t position = 0;
      codes[begin + i] = impl_->Probe(table, values[begin + i], tags[i], &position);
    }
  }
}

void Dictionary::DropReplacedTables() const {
  auto& tables = impl_->tables;
  for (size_t i = 0; i + 1 < tables.size(); ++i) {
    impl_->reserved_bytes.fetch_sub(tables[i]->buffer.reserved_bytes(), std::memory_order_relaxed);
  }
  tables.erase(tables.begin(), tables.end() - 1);
}

bool Dictionary::SetOrder(std::unique_ptr<const DictionaryOrder> order) const {
  const size_t bytes = order->buffer.reserved_bytes();
  if (!KeepFirst(order_, std::move(order))) return false;
  impl_->reserved_bytes.fetch_add(bytes, std::memory_order_relaxed);
  return true;
}

size_t Dictionary::reserved_bytes() const {
  return impl_->reserved_bytes.load(std::memory_order_relaxed);
}

}  // namespace sextant
