#include "compute/exec/axis_ranks.h"

#include <utility>

#include "compute/exec/checked_sort.h"
#include "compute/kernels/exact_division.h"

namespace sextant {
namespace {

absl::Status AppendValue(const ValueCoder& coder, const CodedValues& values, uint32_t code,
                         MetricValues& out) {
  if (code == 0) return out.AppendMissing();
  switch (coder.kind()) {
    case ValueCoder::Kind::kCode:
    case ValueCoder::Kind::kBytes:
      return out.AppendText(coder.BytesOf(values, code));
    case ValueCoder::Kind::kFloat:
      return out.AppendFloat(coder.FloatOf(values, code));
    case ValueCoder::Kind::kWide:
      return out.AppendWide(coder.WideOf(values, code));
    default:
      if (out.form == MetricValues::Form::kFloat) {  // a duration, in seconds
        return out.AppendFloat(DivideExactly(coder.IntegerOf(values, code), 1'000'000));
      }
      return out.AppendInteger(coder.IntegerOf(values, code));
  }
}

/// Sorts codes that are not 0 by their values.
absl::Status SortCodes(QueryContext& context, const ValueCoder& coder, const CodedValues& values,
                       std::span<uint32_t> codes) {
  const bool is_text =
      coder.kind() == ValueCoder::Kind::kBytes ||
      (coder.kind() == ValueCoder::Kind::kCode && coder.type().kind != TypeKind::kEnum);
  if (is_text) {
    return SortWithChecks(context, codes, [&](uint32_t a, uint32_t b) {
      return coder.BytesOf(values, a) < coder.BytesOf(values, b);
    });
  }
  switch (coder.kind()) {
    case ValueCoder::Kind::kWide:
      return SortWithChecks(context, codes, [&](uint32_t a, uint32_t b) {
        return values.wides.key(a - 1) < values.wides.key(b - 1);
      });
    case ValueCoder::Kind::kInteger:
    case ValueCoder::Kind::kFloat:
      return SortWithChecks(context, codes, [&](uint32_t a, uint32_t b) {
        return values.integers.key(a - 1) < values.integers.key(b - 1);
      });
    default:
      return SortWithChecks(context, codes, [](uint32_t a, uint32_t b) { return a < b; });
  }
}

}  // namespace

absl::StatusOr<AxisColumn> RankAxis(QueryContext& context, const ValueCoder& coder,
                                    const CodedValues& values, const DataType& type,
                                    std::span<const uint32_t> codes) {
  MemoryBudget& budget = context.budget();
  AxisColumn axis(type, budget);
  TrackedVector<uint32_t> rank_of_code(budget);
  SEXTANT_RETURN_IF_ERROR(rank_of_code.Resize(coder.NumCodes(values)));
  TrackedVector<uint32_t> used(budget);
  for (const uint32_t code : codes) {
    if (std::exchange(rank_of_code[code], 1) == 0 && code != 0) {
      SEXTANT_RETURN_IF_ERROR(used.Append(code));
    }
  }
  SEXTANT_RETURN_IF_ERROR(SortCodes(context, coder, values, used.span()));
  if (rank_of_code[0] != 0) SEXTANT_RETURN_IF_ERROR(used.Append(0));
  for (uint32_t rank = 0; rank < used.size(); ++rank) {
    rank_of_code[used[rank]] = rank;
    SEXTANT_RETURN_IF_ERROR(AppendValue(coder, values, used[rank], axis.values));
  }
  SEXTANT_RETURN_IF_ERROR(axis.ranks.Resize(codes.size()));
  for (size_t cell = 0; cell < codes.size(); ++cell) axis.ranks[cell] = rank_of_code[codes[cell]];
  return axis;
}

}  // namespace sextant
