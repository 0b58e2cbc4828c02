#include "compute/operators/sample_source.h"

#include <limits>
#include <utility>

#include "compute/kernels/checked_sort.h"
#include "compute/kernels/float_order.h"
#include "compute/memory/check.h"
#include "compute/memory/keep_going.h"
#include "compute/operators/aggregate_sharing.h"
#include "compute/operators/decimal_floats.h"
#include "compute/operators/morsel.h"
#include "compute/operators/number_reader.h"

namespace sextant {
OrderedValue::OrderedValue(const BoundValue& value, const Table& table)
    : reader(value, table), type(value.type), scale(NumberScale(value.type)) {
  if (!ExtremesAreOrdered(type)) coder.emplace(ValueCoder::OfValue(table, value));
  if (type.kind == TypeKind::kEnum) dictionary = table.facts(value.column).dictionary.get();
  if (coder) {
    domain = coder->is_dense() ? coder->domain() : 0;
  } else if (reader.form() == ValueReader::Form::kCode) {
    domain = table.facts(reader.column()).dictionary_size;
  } else if (reader.is_column() && reader.form() == ValueReader::Form::kInteger) {
    const ColumnFacts& facts = table.facts(reader.column());
    if (facts.has_bounds) SetLeast(facts.min_integer, facts.max_integer);
  } else if (reader.is_column() && reader.form() == ValueReader::Form::kFloat) {
    const std::optional<DecimalFloats> decimals = DecimalFloatsOf(table.facts(reader.column()));
    if (!decimals) return;
    scale = decimals->digits;
    SetLeast(decimals->least, decimals->greatest);
  }
}

void OrderedValue::SetLeast(int64_t least_value, int64_t greatest) {
  const uint64_t span = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least_value);
  if (span > std::numeric_limits<uint32_t>::max()) return;
  least = least_value;
  domain = span + 1;
}

absl::Status KeySource::Read(const SampleBatch& batch, Key* keys, uint8_t* valid) const {
  value_.reader.ReadKeys(*batch.chunk, batch.rows, keys, valid);
  return absl::OkStatus();
}

absl::Status KeySource::Append(Key key, MetricValues& values) const {
  if (IsFloat(value_.type.kind)) return values.AppendFloat(FloatOfOrderKey(key));
  if (value_.dictionary != nullptr) {
    return values.AppendText(value_.dictionary->Entry(static_cast<uint32_t>(key)));
  }
  if (values.form == MetricValues::Form::kFloat) return values.AppendFloat(Number(key));
  return values.AppendInteger(key);
}

absl::Status OffsetSource::Read(const SampleBatch& batch, Key* keys, uint8_t* valid) const {
  value_.reader.ReadOffsets(*batch.chunk, batch.rows, *value_.least, keys, valid);
  return absl::OkStatus();
}

absl::Status CodeSource::ReadWithNulls(const SampleBatch& batch, Key* codes) {
  return value_.coder->Encode(*batch.chunk, batch.rows, codes_, codes);
}

absl::Status CodeSource::Read(const SampleBatch& batch, Key* codes, uint8_t* valid) {
  SEXTANT_RETURN_IF_ERROR(ReadWithNulls(batch, codes));
  for (size_t k = 0; k < batch.rows.size(); ++k) valid[k] = codes[k] != 0 ? 1 : 0;
  return absl::OkStatus();
}

absl::Status CodeSource::Absorb(const CodeSource& from) {
  return value_.coder->Absorb(from.codes_, codes_, remap_);
}

absl::Status CodeSource::Rank(ForEachKeys<Key> for_each, KeepGoing keep_going) {
  TrackedVector<uint32_t> rank_of_code(budget_);
  SEXTANT_RETURN_IF_ERROR(rank_of_code.Resize(value_.coder->NumCodes(codes_)));
  SEXTANT_RETURN_IF_ERROR(for_each([&](std::span<Key> codes) -> absl::Status {
    for (const uint32_t code : codes) {
      if (std::exchange(rank_of_code[code], 1) == 0) {
        SEXTANT_RETURN_IF_ERROR(code_of_rank_.Append(code));
      }
    }
    return absl::OkStatus();
  }));
  SEXTANT_RETURN_IF_ERROR(SortByValue(code_of_rank_.span(), keep_going));
  SEXTANT_RETURN_IF_ERROR(
      ForBlocks(code_of_rank_.size(), keep_going, [&](size_t begin, size_t end) {
        for (size_t rank = begin; rank < end; ++rank) {
          rank_of_code[code_of_rank_[rank]] = static_cast<uint32_t>(rank);
        }
      }));
  return for_each([&](std::span<Key> codes) {
    for (uint32_t& code : codes) code = rank_of_code[code];
    return absl::OkStatus();
  });
}

absl::Status CodeSource::Append(Key rank, MetricValues& values) const {
  const uint32_t code = code_of_rank_[rank];
  if (value_.coder->kind() == ValueCoder::Kind::kWide) {
    return values.AppendWide(value_.coder->WideOf(codes_, code));
  }
  return values.AppendText(value_.coder->BytesOf(codes_, code));
}

double CodeSource::Number(Key rank) const {
  return NumberOf(value_.coder->WideOf(codes_, code_of_rank_[rank]), value_.scale);
}

absl::Status CodeSource::SortByValue(std::span<uint32_t> codes, KeepGoing keep_going) {
  const ValueCoder& coder = *value_.coder;
  if (coder.kind() == ValueCoder::Kind::kWide) {
    const auto less = [&](uint32_t a, uint32_t b) {
      return codes_.wides.key(a - 1) < codes_.wides.key(b - 1);
    };
    return SortWithChecks(codes, less, budget_, keep_going);
  }
  SEXTANT_CHECK(coder.kind() == ValueCoder::Kind::kCode ||
                coder.kind() == ValueCoder::Kind::kBytes);
  const auto less = [&](uint32_t a, uint32_t b) {
    return coder.BytesOf(codes_, a) < coder.BytesOf(codes_, b);
  };
  return SortWithChecks(codes, less, budget_, keep_going);
}

}  // namespace sextant
