#include "compute/kernels/key_selection.h"

#include <algorithm>
#include <array>

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
struct KeySpan {
  uint32_t first;
  uint32_t last;
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

/// Writes the keys within the span to `to`, which may be `keys`: what is written over was read.
KeptKeys KeepSpan(const uint32_t* keys, size_t count, KeySpan span, uint32_t* to) {
  const hn::ScalableTag<uint32_t> d;
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
    kept.num_kept += hn::CompressStore(key, within, d, to + kept.num_kept);
  }
  for (; k < count; ++k) {
    const uint32_t key = keys[k];
    kept.num_below += key < span.first ? 1 : 0;
    to[kept.num_kept] = key;
    kept.num_kept += key >= span.first && key <= span.last ? 1 : 0;
  }
  return kept;
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sextant {

HWY_EXPORT(KeepSpan);

namespace {

constexpr size_t kDrawn = 32;

/// A span around the place of the ranks among some of the keys.
KeySpan SpanOf(std::span<const uint32_t> keys, size_t low, size_t high) {
  constexpr size_t kMargin = 4;
  std::array<uint32_t, kDrawn> drawn;
  const size_t step = keys.size() / kDrawn;
  for (size_t i = 0; i < kDrawn; ++i) drawn[i] = keys[i * step];
  SortFewKeys(drawn.data(), kDrawn);
  const size_t before = low * kDrawn / keys.size();
  const size_t after = high * kDrawn / keys.size();
  return {before < kMargin ? 0 : drawn[before - kMargin],
          after + kMargin >= kDrawn ? ~uint32_t{0} : drawn[after + kMargin]};
}

}  // namespace

RankedKeys SelectRankedKeys(std::span<uint32_t> keys, size_t low, size_t high,
                            std::span<uint32_t> room) {
  std::span<const uint32_t> left = keys;
  size_t num_below = 0;
  while (left.size() > kFewKeys<uint32_t>) {
    const KeptKeys kept = HWY_DYNAMIC_DISPATCH(KeepSpan)(
        left.data(), left.size(), SpanOf(left, low - num_below, high - num_below), room.data());
    const bool has_ranks =
        low >= num_below + kept.num_below && high < num_below + kept.num_below + kept.num_kept;
    if (!has_ranks || kept.num_kept > left.size() / 2) {  // a wrong guess, or many equal keys
      SortKeys(keys);
      return {keys[low], keys[high]};
    }
    num_below += kept.num_below;
    left = room.first(kept.num_kept);
  }
  const std::span<uint32_t> few = left.data() == keys.data() ? keys : room.first(left.size());
  SortFewKeys(few.data(), few.size());
  return {few[low - num_below], few[high - num_below]};
}

RankedKeys SelectRankedKeysScalar(std::span<uint32_t> keys, size_t low, size_t high) {
  std::sort(keys.begin(), keys.end());
  return {keys[low], keys[high]};
}

}  // namespace sextant
#endif  // HWY_ONCE
