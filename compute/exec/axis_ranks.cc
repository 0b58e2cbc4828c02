#include "compute/exec/axis_ranks.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "compute/exec/checked_sort.h"
#include "compute/exec/text_sort.h"
#include "compute/exec/value_parts.h"
#include "compute/kernels/bin_sort.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Codes between two questions whether to go on.
constexpr size_t kCodesPerCheck = size_t{1} << 16;
/// Codes that are passed by in an order that is known, for one that is in use: to sort those in use
/// costs more up to here.
constexpr size_t kPassedPerUsed = 32;

class AxisRanker {
 public:
  AxisRanker(QueryContext& context, std::span<const AxisSource> sources)
      : context_(context), sources_(sources), used_(context.budget()) {}

  absl::StatusOr<RankedAxis> Rank(const DataType& type) {
    RankedAxis axis(type, context_.budget());
    for (const AxisSource& source : sources_) {
      has_null_ |= source.used[0] != 0;
      const std::span<const uint8_t> used = source.used.subspan(1);
      num_used_ += static_cast<size_t>(std::count(used.begin(), used.end(), 1));
      TrackedVector<uint32_t>& ranks = axis.rank_of_code.emplace_back(context_.budget());
      SEXTANT_RETURN_IF_ERROR(ranks.ResizeUninitialized(source.used.size()));
      SEXTANT_RETURN_IF_ERROR(FillInBlocks(ranks.span(), RankedAxis::kNoRank, AskToGoOn));
    }
    SEXTANT_RETURN_IF_ERROR(axis.values.Reserve(num_used_ + 1));
    SEXTANT_RETURN_IF_ERROR(IsOrderKnown() ? RankInOrder(axis) : RankSorted(axis));
    const auto num_ranks = static_cast<uint32_t>(axis.values.size());
    if (has_null_) SEXTANT_RETURN_IF_ERROR(axis.values.AppendMissing());
    for (size_t source = 0; source < sources_.size(); ++source) {
      if (sources_[source].used[0] != 0) axis.rank_of_code[source][0] = num_ranks;
    }
    return axis;
  }

 private:
  /// Codes ascend, or are entries of a dictionary that an index has put in order.
  bool IsOrderKnown() const {
    if (sources_.size() != 1) return false;
    if (sources_[0].coder->codes_ascend()) return true;
    const size_t num_entries = sources_[0].coder->entries_in_order().size();
    return num_entries > 0 && num_entries <= kPassedPerUsed * num_used_;
  }

  absl::Status RankInOrder(RankedAxis& axis) {
    const AxisCoder& coder = *sources_[0].coder;
    TrackedVector<uint32_t> codes(context_.budget());
    SEXTANT_RETURN_IF_ERROR(codes.ResizeUninitialized(num_used_ + 1));  // one is written too many
    uint32_t* next = codes.data();
    const std::span<const uint8_t> used = sources_[0].used;
    if (coder.codes_ascend() && num_used_ == used.size() - 1) {
      std::iota(codes.data(), codes.data() + num_used_, 1);
    } else if (coder.codes_ascend()) {
      SEXTANT_RETURN_IF_ERROR(ForBlocks(used.size() - 1, AskToGoOn, [&](size_t begin, size_t end) {
        for (size_t code = begin + 1; code < end + 1; ++code) {
          *next = static_cast<uint32_t>(code);
          next += used[code];
        }
      }));
    } else {
      const std::span<const uint32_t> entries = coder.entries_in_order();
      SEXTANT_RETURN_IF_ERROR(ForBlocks(entries.size(), AskToGoOn, [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) {
          const size_t code = size_t{entries[i]} + 1;
          *next = static_cast<uint32_t>(code);
          next += code < used.size() ? used[code] : 0;  // others came with a later version
        }
      }));
    }
    SEXTANT_RETURN_IF_ERROR(codes.Resize(num_used_));
    uint32_t* const ranks = axis.rank_of_code[0].data();
    SEXTANT_RETURN_IF_ERROR(ForBlocks(num_used_, AskToGoOn, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) ranks[codes[i]] = static_cast<uint32_t>(i);
    }));
    return AppendValuesOf(sources_[0], codes.span(), axis);
  }

  absl::Status AppendValuesOf(const AxisSource& source, std::span<const uint32_t> codes,
                              RankedAxis& axis) {
    return AppendInParts(
        context_, codes.size(), axis.values, [&](size_t begin, size_t end, MetricValues& own) {
          return source.coder->AppendValues(*source.state, codes.subspan(begin, end - begin), own);
        });
  }

  absl::Status RankSorted(RankedAxis& axis) {
    SEXTANT_RETURN_IF_ERROR(FindUsed());
    if (order() == AxisCoder::Order::kText) return RankTexts(axis);
    SEXTANT_RETURN_IF_ERROR(SortNumbers());
    return AppendValues(axis);
  }

  absl::Status RankTexts(RankedAxis& axis) {
    const auto text_of = [this](uint64_t item) { return TextOf(item); };
    TextSorter sorter(context_.budget(), AskToGoOn, text_of);
    SEXTANT_RETURN_IF_ERROR(sorter.Sort(used_.span()));
    if (sorter.keys().are_whole()) {
      return AppendTextsOfKeys(sorter.keys(), sorter.num_bytes(), axis);
    }
    SEXTANT_RETURN_IF_ERROR(axis.values.text_bytes.Reserve(sorter.num_bytes()));
    return AppendValues(axis);
  }

  absl::Status AppendValues(RankedAxis& axis) {
    TrackedVector<uint32_t> firsts(context_.budget());  // of a source: the codes whose value is new
    SEXTANT_RETURN_IF_ERROR(firsts.Reserve(used_.size()));
    uint32_t num_ranks = 0;
    uint32_t source_of_firsts = 0;
    const auto append = [&] {
      const absl::Status status = AppendValuesOf(sources_[source_of_firsts], firsts.span(), axis);
      firsts.Clear();
      return status;
    };
    for (size_t i = 0; i < used_.size(); ++i) {
      if (i % kCodesPerCheck == 0) SEXTANT_RETURN_IF_ERROR(context_.Check());
      const auto [source, code] = PlaceOf(used_[i].item);
      if (i == 0 || !IsSameValue(used_[i - 1], used_[i])) {
        ++num_ranks;
        if (source != source_of_firsts) {
          SEXTANT_RETURN_IF_ERROR(append());
          source_of_firsts = source;
        }
        firsts.AppendUnchecked(code);
      }
      axis.rank_of_code[source][code] = num_ranks - 1;
    }
    return append();
  }

  /// The same of texts that their keys tell: those that lie anywhere in their order are not read
  /// again.
  absl::Status AppendTextsOfKeys(const TextKeys& keys, size_t num_bytes, RankedAxis& axis) {
    if (used_.empty()) return absl::OkStatus();
    const size_t prefix_size = keys.prefix_size();
    const std::string_view prefix = TextOf(used_[0].item).substr(0, prefix_size);
    MetricValues& values = axis.values;
    SEXTANT_RETURN_IF_ERROR(values.valid.ResizeUninitialized(used_.size()));
    SEXTANT_RETURN_IF_ERROR(values.text_ends.ResizeUninitialized(used_.size()));
    // Keys are written with zeros behind.
    SEXTANT_RETURN_IF_ERROR(values.text_bytes.ResizeUninitialized(num_bytes + TextKeys::kWindow));
    size_t num_ranks = 0;
    char* text = values.text_bytes.data();
    SEXTANT_RETURN_IF_ERROR(ForBlocks(used_.size(), AskToGoOn, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        const uint64_t key = used_[i].key;
        if (i == 0 || key != used_[i - 1].key) {
          CopyText(prefix, text);
          text += prefix_size + keys.Write(key, text + prefix_size);
          values.valid[num_ranks] = 1;
          values.text_ends[num_ranks++] = static_cast<uint64_t>(text - values.text_bytes.data());
        }
        const auto [source, code] = PlaceOf(used_[i].item);
        axis.rank_of_code[source][code] = static_cast<uint32_t>(num_ranks) - 1;
      }
    }));
    SEXTANT_RETURN_IF_ERROR(values.valid.Resize(num_ranks));
    SEXTANT_RETURN_IF_ERROR(values.text_ends.Resize(num_ranks));
    return values.text_bytes.Resize(values.text_ends.back());
  }

  /// A code in use as an item is its source and the code.
  static std::pair<uint32_t, uint32_t> PlaceOf(uint64_t item) {
    return {static_cast<uint32_t>(item >> 32), static_cast<uint32_t>(item)};
  }

  /// Source after source, each by its codes. NULL's is none of them.
  absl::Status FindUsed() {
    SEXTANT_RETURN_IF_ERROR(used_.ResizeUninitialized(num_used_ + 1));  // one is written too many
    KeyedItem* next = used_.data();
    for (uint32_t source = 0; source < sources_.size(); ++source) {
      const std::span<const uint8_t> used = sources_[source].used;
      for (size_t begin = 1; begin < used.size(); begin += kCodesPerCheck) {
        SEXTANT_RETURN_IF_ERROR(context_.Check());
        const size_t end = std::min(begin + kCodesPerCheck, used.size());
        for (size_t code = begin; code < end; ++code) {
          *next = {.item = uint64_t{source} << 32 | code, .key = 0};
          next += used[code];
        }
      }
    }
    return used_.ResizeUninitialized(num_used_);
  }

  AxisCoder::Order order() const { return sources_[0].coder->order(); }
  int64_t IntegerOf(uint64_t item) const {
    const auto [source, code] = PlaceOf(item);
    return sources_[source].coder->IntegerKey(*sources_[source].state, code);
  }
  std::string_view TextOf(uint64_t item) const {
    const auto [source, code] = PlaceOf(item);
    return sources_[source].coder->TextKey(*sources_[source].state, code);
  }
  int128_t WideOf(uint64_t item) const {
    const auto [source, code] = PlaceOf(item);
    return sources_[source].coder->WideOrderKey(*sources_[source].state, code);
  }

  bool IsSameValue(const KeyedItem& a, const KeyedItem& b) const {
    if (sources_.size() == 1 || a.key != b.key) return false;
    switch (order()) {
      case AxisCoder::Order::kText:
        return TextOf(a.item) == TextOf(b.item);
      case AxisCoder::Order::kWide:
        return WideOf(a.item) == WideOf(b.item);
      default:
        return true;
    }
  }

  /// By value, equal ones in the order of their sources: the first is shown. Keys are of values, or
  /// of the upper half of wide ones, and runs of equal keys are then sorted by the whole.
  absl::Status SortNumbers() {
    constexpr uint64_t kSignBit = uint64_t{1} << 63;
    const bool are_wide = order() == AxisCoder::Order::kWide;
    SEXTANT_RETURN_IF_ERROR(ForBlocks(used_.size(), AskToGoOn, [&](size_t begin, size_t end) {
      for (KeyedItem& one : used_.span().subspan(begin, end - begin)) {
        one.key = static_cast<uint64_t>(are_wide ? WideOf(one.item) >> 64 : IntegerOf(one.item)) ^
                  kSignBit;
      }
    }));
    SEXTANT_RETURN_IF_ERROR(
        SortManyKeys(used_.span(), context_.budget(), [this] { return context_.Check(); }));
    if (!are_wide) return absl::OkStatus();
    const auto less = [&](const KeyedItem& a, const KeyedItem& b) {
      const int128_t left = WideOf(a.item);
      const int128_t right = WideOf(b.item);
      return left != right ? left < right : a.item < b.item;
    };
    const auto has_same_key = [this](size_t i) { return used_[i].key == used_[i - 1].key; };
    return SortRuns(context_, used_.span(), has_same_key, less);
  }

  QueryContext& context_;
  const std::span<const AxisSource> sources_;
  size_t num_used_ = 0;            // codes, but that of NULL
  TrackedVector<KeyedItem> used_;  // these, where their order must be found
  bool has_null_ = false;
};

}  // namespace

absl::StatusOr<RankedAxis> RankAxis(QueryContext& context, const DataType& type,
                                    std::span<const AxisSource> sources) {
  return AxisRanker(context, sources).Rank(type);
}

}  // namespace sextant
