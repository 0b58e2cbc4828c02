#include "compute/exec/axis_ranks.h"

#include <tuple>
#include <utility>
#include <vector>

#include "compute/exec/checked_sort.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// A code that cells have, and what orders it where that is an integer.
struct UsedCode {
  int64_t key = 0;
  uint32_t source = 0;
  uint32_t code = 0;
};

class AxisRanker {
 public:
  AxisRanker(QueryContext& context, std::span<const AxisSource> sources)
      : context_(context), sources_(sources), used_(context.budget()) {}

  absl::StatusOr<AxisColumn> Rank(const DataType& type) {
    AxisColumn axis(type, context_.budget());
    SEXTANT_RETURN_IF_ERROR(FindUsed());
    SEXTANT_RETURN_IF_ERROR(SortUsed());
    uint32_t num_ranks = 0;
    for (size_t i = 0; i < used_.size(); ++i) {
      const UsedCode& one = used_[i];
      if (i == 0 || Less(used_[i - 1], one)) {
        ++num_ranks;
        const AxisSource& source = sources_[one.source];
        SEXTANT_RETURN_IF_ERROR(source.coder->AppendValue(*source.state, one.code, axis.values));
      }
      rank_of_code_[one.source][one.code] = num_ranks - 1;
    }
    if (has_null_) SEXTANT_RETURN_IF_ERROR(axis.values.AppendMissing());
    size_t num_cells = 0;
    for (const AxisSource& source : sources_) num_cells += source.codes.size();
    SEXTANT_RETURN_IF_ERROR(axis.ranks.Reserve(num_cells));
    for (size_t i = 0; i < sources_.size(); ++i) {
      rank_of_code_[i][0] = num_ranks;
      for (const uint32_t code : sources_[i].codes) {
        axis.ranks.AppendUnchecked(rank_of_code_[i][code]);
      }
    }
    return axis;
  }

 private:
  absl::Status FindUsed() {
    for (uint32_t i = 0; i < sources_.size(); ++i) {
      SEXTANT_RETURN_IF_ERROR(context_.Check());
      const AxisSource& source = sources_[i];
      TrackedVector<uint32_t>& seen = rank_of_code_.emplace_back(context_.budget());
      SEXTANT_RETURN_IF_ERROR(seen.Resize(source.coder->NumCodes(*source.state)));
      const bool has_key = source.coder->order() == AxisCoder::Order::kInteger;
      for (const uint32_t code : source.codes) {
        if (std::exchange(seen[code], 1) != 0) continue;
        if (code == 0) {
          has_null_ = true;
          continue;
        }
        const int64_t key = has_key ? source.coder->IntegerKey(*source.state, code) : 0;
        SEXTANT_RETURN_IF_ERROR(used_.Append({key, i, code}));
      }
    }
    return absl::OkStatus();
  }

  std::string_view TextOf(const UsedCode& one) const {
    return sources_[one.source].coder->TextKey(*sources_[one.source].state, one.code);
  }
  int128_t WideOf(const UsedCode& one) const {
    return sources_[one.source].coder->WideOrderKey(*sources_[one.source].state, one.code);
  }

  /// By value.
  bool Less(const UsedCode& a, const UsedCode& b) const {
    switch (sources_[0].coder->order()) {
      case AxisCoder::Order::kText:
        return TextOf(a) < TextOf(b);
      case AxisCoder::Order::kWide:
        return WideOf(a) < WideOf(b);
      default:
        return a.key < b.key;
    }
  }

  /// By value, equal ones in the order of their sources: the first is shown.
  absl::Status SortUsed() {
    const auto sort_by = [&](auto key_of) {
      return SortWithChecks(context_, used_.span(),
                            [&, key_of](const UsedCode& a, const UsedCode& b) {
                              const auto left = key_of(a);
                              const auto right = key_of(b);
                              if (left < right) return true;
                              if (right < left) return false;
                              return std::tie(a.source, a.code) < std::tie(b.source, b.code);
                            });
    };
    switch (sources_.empty() ? AxisCoder::Order::kInteger : sources_[0].coder->order()) {
      case AxisCoder::Order::kText:
        return sort_by([this](const UsedCode& one) { return TextOf(one); });
      case AxisCoder::Order::kWide:
        return sort_by([this](const UsedCode& one) { return WideOf(one); });
      default:
        return sort_by([](const UsedCode& one) { return one.key; });
    }
  }

  QueryContext& context_;
  const std::span<const AxisSource> sources_;
  std::vector<TrackedVector<uint32_t>> rank_of_code_;  // per source
  TrackedVector<UsedCode> used_;
  bool has_null_ = false;
};

}  // namespace

absl::StatusOr<AxisColumn> RankAxis(QueryContext& context, const DataType& type,
                                    std::span<const AxisSource> sources) {
  return AxisRanker(context, sources).Rank(type);
}

}  // namespace sextant
