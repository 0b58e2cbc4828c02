#include "compute/exec/axis_ranks.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <utility>

#include "compute/exec/checked_sort.h"
#include "compute/kernels/bin_sort.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Codes between two questions whether to go on.
constexpr size_t kCodesPerCheck = size_t{1} << 16;
/// Texts that are asked for before they are read: in their order they lie anywhere.
constexpr size_t kAhead = 16;

/// The 8 bytes of `text` from `begin` on as a number that orders as they do; zeros behind its end.
uint64_t PrefixKey(std::string_view text, size_t begin) {
  uint64_t bytes = 0;
  const size_t size = std::min<size_t>(text.size() - begin, sizeof(bytes));
  if (size > 0) std::memcpy(&bytes, text.data() + begin, size);  // an empty text may be nowhere
  if constexpr (std::endian::native == std::endian::little) bytes = __builtin_bswap64(bytes);
  return bytes;
}

/// Writes the 8 bytes that have this PrefixKey.
void WriteKey(uint64_t key, char* to) {
  if constexpr (std::endian::native == std::endian::little) key = __builtin_bswap64(key);
  std::memcpy(to, &key, sizeof(key));
}

/// How many bytes `a` and `b` have in common at their beginnings, at most `limit`.
size_t CommonPrefix(std::string_view a, std::string_view b, size_t limit) {
  limit = std::min({limit, a.size(), b.size()});
  return static_cast<size_t>(std::mismatch(a.begin(), a.begin() + limit, b.begin()).first -
                             a.begin());
}

class AxisRanker {
 public:
  AxisRanker(QueryContext& context, std::span<const AxisSource> sources)
      : context_(context), sources_(sources), used_(context.budget()) {}

  absl::StatusOr<RankedAxis> Rank(const DataType& type) {
    RankedAxis axis(type, context_.budget());
    SEXTANT_RETURN_IF_ERROR(FindUsed());
    is_sorted_ = AscendsAlready();
    if (!is_sorted_) SEXTANT_RETURN_IF_ERROR(SortUsed());
    for (const AxisSource& source : sources_) {
      TrackedVector<uint32_t>& ranks = axis.rank_of_code.emplace_back(context_.budget());
      SEXTANT_RETURN_IF_ERROR(ranks.ResizeUninitialized(source.used.size()));
      SEXTANT_RETURN_IF_ERROR(FillInBlocks(ranks.span(), RankedAxis::kNoRank, AskToGoOn));
    }
    SEXTANT_RETURN_IF_ERROR(axis.values.Reserve(used_.size() + 1));
    SEXTANT_RETURN_IF_ERROR(keys_tell_texts_ ? AppendTextsOfKeys(axis) : AppendValues(axis));
    const auto num_ranks = static_cast<uint32_t>(axis.values.size());
    if (has_null_) SEXTANT_RETURN_IF_ERROR(axis.values.AppendMissing());
    for (size_t source = 0; source < sources_.size(); ++source) {
      if (sources_[source].used[0] != 0) axis.rank_of_code[source][0] = num_ranks;
    }
    return axis;
  }

 private:
  absl::Status AppendValues(RankedAxis& axis) {
    SEXTANT_RETURN_IF_ERROR(axis.values.text_bytes.Reserve(num_text_bytes_));
    const bool has_far_texts = !is_sorted_ && order() == AxisCoder::Order::kText;
    uint32_t num_ranks = 0;
    for (size_t i = 0; i < used_.size(); ++i) {
      if (i % kCodesPerCheck == 0) SEXTANT_RETURN_IF_ERROR(context_.Check());
      if (has_far_texts && i + kAhead < used_.size()) {
        __builtin_prefetch(TextOf(used_[i + kAhead]).data());
      }
      const auto [source, code] = PlaceOf(used_[i]);
      if (i == 0 || !IsSameValue(used_[i - 1], used_[i])) {
        ++num_ranks;
        SEXTANT_RETURN_IF_ERROR(
            sources_[source].coder->AppendValue(*sources_[source].state, code, axis.values));
      }
      axis.rank_of_code[source][code] = num_ranks - 1;
    }
    return absl::OkStatus();
  }

  /// The same of texts that are a beginning that all have, and a key: those that lie anywhere in
  /// their order are not read again.
  absl::Status AppendTextsOfKeys(RankedAxis& axis) {
    const std::string_view first = TextOf(used_[0]);
    const size_t length = first.size();
    MetricValues& values = axis.values;
    SEXTANT_RETURN_IF_ERROR(values.valid.ResizeUninitialized(used_.size()));
    SEXTANT_RETURN_IF_ERROR(values.text_ends.ResizeUninitialized(used_.size()));
    // The last key is written whole.
    SEXTANT_RETURN_IF_ERROR(
        values.text_bytes.ResizeUninitialized(used_.size() * length + sizeof(uint64_t)));
    size_t num_ranks = 0;
    SEXTANT_RETURN_IF_ERROR(ForBlocks(used_.size(), AskToGoOn, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        if (i == 0 || used_[i].key != used_[i - 1].key) {
          char* const text = values.text_bytes.data() + num_ranks * length;
          std::copy_n(first.data(), prefix_size_, text);
          WriteKey(used_[i].key, text + prefix_size_);
          values.valid[num_ranks++] = 1;
          values.text_ends[num_ranks - 1] = num_ranks * length;
        }
        const auto [source, code] = PlaceOf(used_[i]);
        axis.rank_of_code[source][code] = static_cast<uint32_t>(num_ranks) - 1;
      }
    }));
    SEXTANT_RETURN_IF_ERROR(values.valid.Resize(num_ranks));
    SEXTANT_RETURN_IF_ERROR(values.text_ends.Resize(num_ranks));
    return values.text_bytes.Resize(num_ranks * length);
  }

  /// A code in use as an item is its source and the code.
  static std::pair<uint32_t, uint32_t> PlaceOf(const KeyedItem& one) {
    return {static_cast<uint32_t>(one.item >> 32), static_cast<uint32_t>(one.item)};
  }

  /// Source after source, each by its codes. NULL's is none of them.
  absl::Status FindUsed() {
    size_t num_used = 0;
    for (const AxisSource& source : sources_) {
      has_null_ |= source.used[0] != 0;
      for (const uint8_t used : source.used.subspan(1)) num_used += used != 0 ? 1 : 0;
    }
    SEXTANT_RETURN_IF_ERROR(used_.ResizeUninitialized(num_used + 1));  // one is written too many
    KeyedItem* next = used_.data();
    for (uint32_t source = 0; source < sources_.size(); ++source) {
      const std::span<const uint8_t> used = sources_[source].used;
      for (size_t begin = 1; begin < used.size(); begin += kCodesPerCheck) {
        SEXTANT_RETURN_IF_ERROR(context_.Check());
        const size_t end = std::min(begin + kCodesPerCheck, used.size());
        for (size_t code = begin; code < end; ++code) {
          *next = {.item = uint64_t{source} << 32 | code, .key = 0};
          next += used[code] != 0 ? 1 : 0;
        }
      }
    }
    return used_.ResizeUninitialized(num_used);
  }

  bool AscendsAlready() const {
    return used_.empty() || (PlaceOf(used_[0]).first == PlaceOf(used_.span().back()).first &&
                             sources_[PlaceOf(used_[0]).first].coder->codes_ascend());
  }

  AxisCoder::Order order() const { return sources_[0].coder->order(); }
  int64_t IntegerOf(const KeyedItem& one) const {
    const auto [source, code] = PlaceOf(one);
    return sources_[source].coder->IntegerKey(*sources_[source].state, code);
  }
  std::string_view TextOf(const KeyedItem& one) const {
    const auto [source, code] = PlaceOf(one);
    return sources_[source].coder->TextKey(*sources_[source].state, code);
  }
  int128_t WideOf(const KeyedItem& one) const {
    const auto [source, code] = PlaceOf(one);
    return sources_[source].coder->WideOrderKey(*sources_[source].state, code);
  }

  bool IsSameValue(const KeyedItem& a, const KeyedItem& b) const {
    if (is_sorted_ || a.key != b.key) return false;
    switch (order()) {
      case AxisCoder::Order::kText:
        return TextOf(a) == TextOf(b);
      case AxisCoder::Order::kWide:
        return WideOf(a) == WideOf(b);
      default:
        return true;
    }
  }

  /// By value, equal ones in the order of their sources: the first is shown. Keys are of values, or
  /// of the first part of values, and runs of equal keys are then sorted by the whole.
  absl::Status SortUsed() {
    constexpr uint64_t kSignBit = uint64_t{1} << 63;
    switch (order()) {
      case AxisCoder::Order::kText: {
        SEXTANT_RETURN_IF_ERROR(MeasureTexts());
        SEXTANT_RETURN_IF_ERROR(
            ForUsed([&](KeyedItem& one) { one.key = PrefixKey(TextOf(one), prefix_size_); }));
        break;
      }
      case AxisCoder::Order::kWide:
        SEXTANT_RETURN_IF_ERROR(ForUsed([&](KeyedItem& one) {
          one.key = static_cast<uint64_t>(WideOf(one) >> 64) ^ kSignBit;
        }));
        break;
      default:
        SEXTANT_RETURN_IF_ERROR(ForUsed(
            [&](KeyedItem& one) { one.key = static_cast<uint64_t>(IntegerOf(one)) ^ kSignBit; }));
    }
    SEXTANT_RETURN_IF_ERROR(
        SortManyKeys(used_.span(), context_.budget(), [this] { return context_.Check(); }));
    switch (order()) {
      case AxisCoder::Order::kText:
        return SortRunsBy([this](const KeyedItem& one) { return TextOf(one); });
      case AxisCoder::Order::kWide:
        return SortRunsBy([this](const KeyedItem& one) { return WideOf(one); });
      default:
        return absl::OkStatus();
    }
  }

  /// Calls body(code in use), and asks in between whether to go on.
  template <typename Body>
  absl::Status ForUsed(Body body) {
    return ForBlocks(used_.size(), AskToGoOn, [&](size_t begin, size_t end) {
      for (KeyedItem& one : used_.span().subspan(begin, end - begin)) body(one);
    });
  }

  absl::Status MeasureTexts() {
    const std::string_view first = TextOf(used_[0]);
    prefix_size_ = first.size();
    bool is_one_length = true;
    SEXTANT_RETURN_IF_ERROR(ForUsed([&](KeyedItem& one) {
      const std::string_view text = TextOf(one);
      prefix_size_ = CommonPrefix(first, text, prefix_size_);
      num_text_bytes_ += text.size();
      is_one_length &= text.size() == first.size();
    }));
    keys_tell_texts_ = is_one_length && first.size() - prefix_size_ <= sizeof(uint64_t);
    return absl::OkStatus();
  }

  template <typename ValueOf>
  absl::Status SortRunsBy(ValueOf value_of) {
    const auto less = [&](const KeyedItem& a, const KeyedItem& b) {
      const auto left = value_of(a);
      const auto right = value_of(b);
      if (left != right) return left < right;
      return a.item < b.item;
    };
    const auto has_same_key = [this](size_t i) { return used_[i].key == used_[i - 1].key; };
    return SortRuns(context_, used_.span(), has_same_key, less);
  }

  QueryContext& context_;
  const std::span<const AxisSource> sources_;
  TrackedVector<KeyedItem> used_;
  // Of texts that were sorted.
  size_t num_text_bytes_ = 0;
  size_t prefix_size_ = 0;        // what all begin with
  bool keys_tell_texts_ = false;  // they are this and their keys
  bool has_null_ = false;
  bool is_sorted_ = false;  // codes of one source that ascend as their values do
};

}  // namespace

absl::StatusOr<RankedAxis> RankAxis(QueryContext& context, const DataType& type,
                                    std::span<const AxisSource> sources) {
  return AxisRanker(context, sources).Rank(type);
}

}  // namespace sextant
