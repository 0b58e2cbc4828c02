#include "compute/operators/sample_source.h"

#include <algorithm>
#include <utility>

#include "compute/kernels/float_order.h"
#include "compute/memory/check.h"
#include "compute/operators/morsel.h"
#include "compute/operators/number_reader.h"

namespace sextant {
namespace {

bool IsCoded(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kBytes:
    case TypeKind::kUuid:
    case TypeKind::kInterval:
      return true;
    case TypeKind::kDecimal:
      return PlainLayout(type) == Layout::kWide;
    default:
      return false;
  }
}

}  // namespace

OrderedValue::OrderedValue(const BoundValue& value, const Table& table)
    : reader(value, table), type(value.type), scale(NumberScale(value.type)) {
  if (IsCoded(type)) coder.emplace(ValueCoder::OfValue(table, value));
  if (type.kind == TypeKind::kEnum) dictionary = table.facts(value.column).dictionary.get();
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

double KeySource::Number(Key key) const {
  return IsFloat(value_.type.kind) ? FloatOfOrderKey(key) : NumberOf(key, value_.scale);
}

absl::Status CodeSource::Read(const SampleBatch& batch, Key* codes, uint8_t* valid) {
  SEXTANT_RETURN_IF_ERROR(value_.coder->Encode(*batch.chunk, batch.rows, codes_, codes));
  for (size_t k = 0; k < batch.rows.size(); ++k) valid[k] = codes[k] != 0 ? 1 : 0;
  return absl::OkStatus();
}

absl::Status CodeSource::Absorb(const CodeSource& from) {
  return value_.coder->Absorb(from.codes_, codes_, remap_);
}

absl::Status CodeSource::Rank(std::span<Key> codes) {
  TrackedVector<uint32_t> rank_of_code(budget_);
  SEXTANT_RETURN_IF_ERROR(rank_of_code.Resize(value_.coder->NumCodes(codes_)));
  for (const uint32_t code : codes) {
    if (std::exchange(rank_of_code[code], 1) == 0) {
      SEXTANT_RETURN_IF_ERROR(code_of_rank_.Append(code));
    }
  }
  SortCodes(*value_.coder, codes_, code_of_rank_.span());
  for (uint32_t rank = 0; rank < code_of_rank_.size(); ++rank) {
    rank_of_code[code_of_rank_[rank]] = rank;
  }
  for (uint32_t& code : codes) code = rank_of_code[code];
  return absl::OkStatus();
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

void SortCodes(const ValueCoder& coder, const CodedValues& values, std::span<uint32_t> codes) {
  if (coder.kind() == ValueCoder::Kind::kWide) {
    std::sort(codes.begin(), codes.end(), [&](uint32_t a, uint32_t b) {
      return values.wides.key(a - 1) < values.wides.key(b - 1);
    });
    return;
  }
  SEXTANT_CHECK(coder.kind() == ValueCoder::Kind::kCode ||
                coder.kind() == ValueCoder::Kind::kBytes);
  std::sort(codes.begin(), codes.end(), [&](uint32_t a, uint32_t b) {
    return coder.BytesOf(values, a) < coder.BytesOf(values, b);
  });
}

}  // namespace sextant
