#include "compute/kernels/key_selection.h"

#include <algorithm>
#include <array>
#include <limits>

#include "compute/kernels/few_keys_sort.h"
#include "compute/kernels/key_sort.h"

// Highway includes this file once per set of instructions.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/key_selection.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#ifndef SEXTANT_KEY_SELECTION_KEPT
#define SEXTANT_KEY_SELECTION_KEPT
namespace sextant {
namespace {

/// Keys from `first` to `last`, inclusive.
template <typename Key>
struct KeySpan {
  Key first;
  Key last;
};
struct KeptKeys {
  size_t num_below = 0;
  size_t num_kept = 0;
};

}  // namespace
}  // namespace sextant
#endif

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Writes the keys within the span to `to`, which may be `keys`: what is written over was read. A
/// whole vector is written, no more than `k` keys after the first: Zen 4 writes a part of one by
/// microcode, which takes several times as long.
template <typename Key>
KeptKeys KeepSpan(const Key* keys, size_t count, KeySpan<Key> span, Key* to) {
  const hn::ScalableTag<Key> d;
  const size_t lanes = hn::Lanes(d);
  const auto first = hn::Set(d, span.first);
  const auto last = hn::Set(d, span.last);
  KeptKeys kept;
  size_t k = 0;
  for (; k + lanes <= count; k += lanes) {
    const auto key = hn::LoadU(d, keys + k);
    const auto below = hn::Lt(key, first);
    kept.num_below += hn::CountTrue(d, below);
    const auto within = hn::Not(hn::Or(below, hn::Gt(key, last)));
    hn::StoreU(hn::Compress(key, within), d, to + kept.num_kept);
    kept.num_kept += hn::CountTrue(d, within);
  }
  for (; k < count; ++k) {
    const Key key = keys[k];
    kept.num_below += key < span.first ? 1 : 0;
    to[kept.num_kept] = key;
    kept.num_kept += key >= span.first && key <= span.last ? 1 : 0;
  }
  return kept;
}

KeptKeys KeepCodes(const uint32_t* keys, size_t count, KeySpan<uint32_t> span, uint32_t* to) {
  return KeepSpan(keys, count, span, to);
}
KeptKeys KeepNumbers(const int64_t* keys, size_t count, KeySpan<int64_t> span, int64_t* to) {
  return KeepSpan(keys, count, span, to);
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sextant {

HWY_EXPORT(KeepCodes);
HWY_EXPORT(KeepNumbers);

namespace {

constexpr size_t kDrawn = 32;

/// A span around the place of the ranks among some of the keys.
template <typename Key>
KeySpan<Key> SpanOf(std::span<const Key> keys, size_t low, size_t high) {
  constexpr size_t kMargin = 4;
  std::array<Key, kDrawn> drawn;
  const size_t step = keys.size() / kDrawn;
  for (size_t i = 0; i < kDrawn; ++i) drawn[i] = keys[i * step];
  SortFewKeys(drawn.data(), kDrawn);
  const size_t before = low * kDrawn / keys.size();
  const size_t after = high * kDrawn / keys.size();
  using Limits = std::numeric_limits<Key>;
  return {before < kMargin ? Limits::min() : drawn[before - kMargin],
          after + kMargin >= kDrawn ? Limits::max() : drawn[after + kMargin]};
}

template <typename Key>
KeptKeys Keep(std::span<const Key> keys, KeySpan<Key> span, Key* to) {
  if constexpr (sizeof(Key) == sizeof(uint32_t)) {
    return HWY_DYNAMIC_DISPATCH(KeepCodes)(keys.data(), keys.size(), span, to);
  } else {
    return HWY_DYNAMIC_DISPATCH(KeepNumbers)(keys.data(), keys.size(), span, to);
  }
}

}  // namespace

template <typename Key>
RankedKeys<Key> SelectRankedKeys(std::span<Key> keys, size_t low, size_t high,
                                 std::span<Key> room) {
  std::span<const Key> left = keys;
  size_t num_below = 0;
  while (left.size() > kFewKeys<Key>) {
    const KeptKeys kept = Keep(left, SpanOf(left, low - num_below, high - num_below), room.data());
    const bool has_ranks =
        low >= num_below + kept.num_below && high < num_below + kept.num_below + kept.num_kept;
    if (!has_ranks || kept.num_kept > left.size() / 2) {  // a wrong guess, or many equal keys
      SortKeys(keys);
      return {keys[low], keys[high]};
    }
    num_below += kept.num_below;
    left = room.first(kept.num_kept);
  }
  const std::span<Key> few = left.data() == keys.data() ? keys : room.first(left.size());
  SortFewKeys(few.data(), few.size());
  return {few[low - num_below], few[high - num_below]};
}

template <typename Key>
RankedKeys<Key> SelectRankedKeysScalar(std::span<Key> keys, size_t low, size_t high) {
  std::sort(keys.begin(), keys.end());
  return {keys[low], keys[high]};
}

template RankedKeys<uint32_t> SelectRankedKeys(std::span<uint32_t>, size_t, size_t,
                                               std::span<uint32_t>);
template RankedKeys<int64_t> SelectRankedKeys(std::span<int64_t>, size_t, size_t,
                                              std::span<int64_t>);
template RankedKeys<uint32_t> SelectRankedKeysScalar(std::span<uint32_t>, size_t, size_t);
template RankedKeys<int64_t> SelectRankedKeysScalar(std::span<int64_t>, size_t, size_t);

}  // namespace sextant
#endif  // HWY_ONCE
