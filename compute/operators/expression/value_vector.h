#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "compute/column/data_type.h"
#include "compute/operators/morsel.h"

namespace sextant {

/// How the values of a type lie in a ValueVector.
enum class SlotForm : uint8_t {
  kInteger,  // int64_t: every kInteger layout; enums as their code
  kFloat,    // double
  kWide,     // Wide: decimals beyond 18 digits (int128), uuids, intervals
  kText,     // std::string_view: text, json, bytea
};
SlotForm SlotFormOf(const DataType& type);

/// The values of an expression over a batch of at most kBatchRows rows, in their order.
///
/// Nulls: valid[k] is 0; the slot then holds anything that a kernel may read without harm.
/// failed[k] is 1 where a step could not compute (overflow, division by zero, a text that is no
/// number), whatever became of the value: a row with valid 0 and failed 1 counts as excluded
/// (rule 5). Texts are not owned: they lie in columns, dictionaries, constants or the arena of the
/// thread (evaluation_scratch.h). Too large for the stack: lease one.
class ValueVector {
 public:
  uint8_t valid[kBatchRows];
  uint8_t failed[kBatchRows];

  /// T is the type of the form: see SlotForm.
  template <typename T>
  T* As() {
    static_assert(sizeof(T) <= kSlotBytes);
    return reinterpret_cast<T*>(slots_);
  }
  template <typename T>
  const T* As() const {
    static_assert(sizeof(T) <= kSlotBytes);
    return reinterpret_cast<const T*>(slots_);
  }

 private:
  static constexpr size_t kSlotBytes = 16;
  alignas(64) std::byte slots_[kSlotBytes * kBatchRows];
};

/// Calls `body(T{})` with the C++ type of `form`'s slots.
template <typename Body>
decltype(auto) WithSlotType(SlotForm form, Body&& body) {
  switch (form) {
    case SlotForm::kInteger:
      return body(int64_t{});
    case SlotForm::kFloat:
      return body(double{});
    case SlotForm::kWide:
      return body(Wide{});
    default:
      return body(std::string_view{});
  }
}

/// As Int128OfWide and WideOfInt128, inline for loops over rows.
inline int128_t LoadInt128(Wide wide) {
  return static_cast<int128_t>(static_cast<uint128_t>(wide.high) << 64 | wide.low);
}
inline Wide StoreInt128(int128_t value) {
  const auto bits = static_cast<uint128_t>(value);
  return {static_cast<uint64_t>(bits), static_cast<uint64_t>(bits >> 64)};
}

}  // namespace sextant
