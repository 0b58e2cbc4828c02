#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/memory/buffer.h"

namespace sextant {

/// The codes of a dictionary's first entries in the order of these by bytes (rule 7): an index,
/// built after publication. Immutable.
struct DictionaryOrder {
  std::span<const uint32_t> codes() const { return buffer.As<uint32_t>(); }

  Buffer buffer;  // a uint32_t per entry
  int64_t build_ns = 0;
};

/// The distinct strings of a column, each with a code that never changes its meaning. Append-only;
/// shared by every chunk and version of a generation. Order by bytes is kept apart, in
/// DictionaryOrder; for an enum the codes are in declared order.
///
/// Invariant: an entry is complete before the size that covers it is visible, that size before
/// Find returns its code, and its bytes never move; so the newest entry may be counted while Find
/// still misses it, and what a published chunk holds is always found. Memory: tracked; entries lie
/// in blocks, the hash table holds 64-bit slots (tag and code); tables that growth replaced live
/// until the dictionary dies, because a reader may still probe them (but see DropReplacedTables).
/// Thread-safety: one writer (FindOrAppend), any number of readers at the same time.
class Dictionary {
 public:
  static constexpr uint32_t kMaxEntries = 0x80000000u;
  /// No entry has this code: "not found", and in operators "NULL".
  static constexpr uint32_t kNoCode = 0xFFFFFFFFu;

  static absl::StatusOr<std::shared_ptr<Dictionary>> Create(MemoryBudget& budget);
  ~Dictionary();
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  /// Writer only. Errors: RESOURCE_EXHAUSTED (budget, or kMaxEntries).
  absl::StatusOr<uint32_t> FindOrAppend(std::string_view value);
  /// FindOrAppend of each value in turn, the memory of later ones fetched ahead: the form of loads.
  /// A value whose bit in `valid` is zero is ignored and gets code 0. `valid` empty: all valid.
  /// REQUIRES: codes.size() == values.size(). Errors: as FindOrAppend; `codes` are then undefined.
  absl::Status FindOrAppendBatch(std::span<const std::string_view> values,
                                 std::span<const uint64_t> valid, std::span<uint32_t> codes);

  uint32_t size() const { return size_.load(std::memory_order_acquire); }
  /// REQUIRES: code < a size() that this thread has seen. The view lives as long as the dictionary.
  std::string_view Entry(uint32_t code) const;
  /// kNoCode when absent. One hash and on average about one comparison.
  uint32_t Find(std::string_view value) const;
  /// Find of each value, the memory of later ones fetched ahead. REQUIRES: codes.size() ==
  /// values.size().
  void FindBatch(std::span<const std::string> values, std::span<uint32_t> codes) const;

  /// nullptr while there is none. It may be of fewer entries than there are by now.
  const DictionaryOrder* order() const { return order_.load(std::memory_order_acquire); }
  /// Keeps `order` unless one is there; any thread. Returns whether it was kept.
  bool SetOrder(std::unique_ptr<const DictionaryOrder> order) const;

  size_t reserved_bytes() const;
  /// Frees the tables that growth replaced, half of what all tables take. REQUIRES: no other thread
  /// has seen this dictionary yet.
  void DropReplacedTables() const;

 private:
  struct Impl;
  explicit Dictionary(std::unique_ptr<Impl> impl);
  /// REQUIRES: `value` is absent, and its slot at `position` of the current table is empty.
  absl::StatusOr<uint32_t> Append(std::string_view value, uint64_t hash, size_t position);

  std::unique_ptr<Impl> impl_;
  std::atomic<uint32_t> size_{0};
  mutable std::atomic<const DictionaryOrder*> order_{nullptr};  // owned
};

}  // namespace sextant
