#include "compute/operators/value_coder.h"

#include <array>
#include <utility>

#include "compute/kernels/float_order.h"
#include "compute/kernels/gather.h"
#include "compute/kernels/width_dispatch.h"
#include "compute/memory/check.h"
#include "compute/memory/keep_going.h"
#include "compute/operators/expression/evaluation_scratch.h"
#include "compute/operators/morsel.h"

namespace sextant {
namespace {

/// Of those that are interned, between two questions whether to go on.
constexpr uint32_t kCodesPerQuestion = uint32_t{1} << 14;

/// Makes the codes of NULL rows 0.
void MaskNulls(const Column& column, std::span<const uint32_t> rows, uint32_t* codes) {
  if (!column.has_nulls()) return;
  const uint64_t* validity = column.validity().data();
  for (size_t k = 0; k < rows.size(); ++k) {
    const auto valid = static_cast<uint32_t>((validity[rows[k] / 64] >> (rows[k] % 64)) & 1);
    codes[k] &= uint32_t{0} - valid;
  }
}

/// Codes of NULL rows are left as they are.
absl::Status InternTexts(const Column& column, std::span<const uint32_t> rows, BytesInterner& texts,
                         uint32_t* codes) {
  std::array<std::string_view, kBatchRows> keys;
  std::array<uint32_t, kBatchRows> ids;
  std::array<uint32_t, kBatchRows> positions;  // of those that are there
  if (rows.empty()) return absl::OkStatus();
  const uint32_t* const ends = column.offsets().data();
  const char* const bytes = column.BytesAt(0).data() - ends[0];
  const bool has_nulls = column.has_nulls();
  size_t num_keys = 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    keys[num_keys] = {bytes + ends[rows[k]], ends[rows[k] + 1] - ends[rows[k]]};
    positions[num_keys] = static_cast<uint32_t>(k);
    num_keys += has_nulls && column.IsNull(rows[k]) ? 0 : 1;
  }
  SEXTANT_RETURN_IF_ERROR(texts.InternMany({keys.data(), num_keys}, ids.data()));
  for (size_t k = 0; k < num_keys; ++k) codes[positions[k]] = ids[k] + 1;
  return absl::OkStatus();
}

ValueCoder::Kind KindOf(Layout layout) {
  switch (layout) {
    case Layout::kCode:
      return ValueCoder::Kind::kCode;
    case Layout::kInteger:
      return ValueCoder::Kind::kInteger;
    case Layout::kFloat:
      return ValueCoder::Kind::kFloat;
    case Layout::kWide:
      return ValueCoder::Kind::kWide;
    default:
      return ValueCoder::Kind::kBytes;
  }
}

ValueCoder::Kind KindOf(ValueReader::Form form) {
  switch (form) {
    case ValueReader::Form::kCode:
      return ValueCoder::Kind::kCode;
    case ValueReader::Form::kInteger:
      return ValueCoder::Kind::kInteger;
    case ValueReader::Form::kFloat:
      return ValueCoder::Kind::kFloat;
    case ValueReader::Form::kWide:
      return ValueCoder::Kind::kWide;
    default:
      return ValueCoder::Kind::kBytes;
  }
}

Layout ElementLayout(const ColumnFacts& facts, const DataType& element) {
  return facts.dictionary != nullptr ? Layout::kCode : PlainLayout(element);
}

}  // namespace

ValueCoder ValueCoder::OfColumn(const Table& table, ColumnIndex column, const TextRanks* ranks) {
  const ColumnFacts& facts = table.facts(column);
  const DataType& type = table.schema().field(column).type;
  ValueCoder coder;
  coder.column_ = column;
  const bool is_list = type.kind == TypeKind::kList;
  coder.type_ = is_list ? type.ElementType() : type;
  coder.kind_ = KindOf(is_list ? ElementLayout(facts, coder.type_) : facts.layout);
  if (coder.kind_ == Kind::kCode) {
    coder.dictionary_ = facts.dictionary;
    coder.domain_ = uint64_t{facts.dictionary_size} + 1;
  } else if (coder.kind_ == Kind::kBytes && ranks != nullptr) {
    coder.kind_ = Kind::kRank;
    coder.ranks_ = ranks;
    coder.domain_ = uint64_t{ranks->num_texts()} + 1;
  } else if (coder.kind_ == Kind::kInteger) {
    const uint64_t span =
        static_cast<uint64_t>(facts.max_integer) - static_cast<uint64_t>(facts.min_integer);
    if (!facts.has_bounds || span < kMaxDenseSpan) {
      coder.kind_ = Kind::kDenseInteger;
      coder.min_ = facts.min_integer;
      coder.domain_ = facts.has_bounds ? span + 2 : 1;
    }
  }
  return coder;
}

ValueCoder ValueCoder::OfValue(const Table& table, const BoundValue& value) {
  if (value.IsColumn()) return OfColumn(table, value.column);
  ValueCoder coder;
  coder.type_ = value.type;
  coder.computed_.emplace(value, table);
  coder.kind_ = KindOf(coder.computed_->form());
  if (coder.kind_ == Kind::kCode) {
    const ColumnFacts& facts = table.facts(value.column);
    coder.dictionary_ = facts.dictionary;
    coder.domain_ = uint64_t{facts.dictionary_size} + 1;
  }
  return coder;
}

absl::Status ValueCoder::Encode(const Chunk& chunk, std::span<const uint32_t> rows,
                                CodedValues& values, uint32_t* codes) const {
  if (computed_) return EncodeComputed(chunk, rows, values, codes);
  if (kind_ == Kind::kRank) {
    GatherCodes(ranks_->CodesOf(chunk.data()), 0, rows, codes);
    return absl::OkStatus();
  }
  return EncodeColumn(chunk.column(column_), rows, values, codes);
}

std::optional<ValueCoder::ByteCodes> ValueCoder::CodesOfBytes(const Chunk& chunk) const {
  if (computed_ || !is_dense() || kind_ == Kind::kRank) return std::nullopt;
  const Column& column = chunk.column(column_);
  if (column.width_bytes() != 1 || column.step() != 1 || column.has_nulls()) return std::nullopt;
  const uint64_t least =
      kind_ == Kind::kCode ? 0 : static_cast<uint64_t>(column.base()) - static_cast<uint64_t>(min_);
  return ByteCodes{column.values<uint8_t>(), static_cast<uint32_t>(least) + 1};
}

absl::Status ValueCoder::InternKeys(std::span<const int64_t> keys, CodedValues& values,
                                    uint32_t* codes) const {
  SEXTANT_RETURN_IF_ERROR(values.integers.Reserve(keys.size()));
  values.integers.InternMany(keys, codes);
  for (size_t k = 0; k < keys.size(); ++k) ++codes[k];
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> ValueCoder::InternWide(Wide wide, CodedValues& values) const {
  const uint32_t id = values.wides.Intern(WideKey(type_, wide));
  if (id == values.shown.size()) SEXTANT_RETURN_IF_ERROR(values.shown.Append(wide));
  return id + 1;
}

absl::Status ValueCoder::EncodeComputed(const Chunk& chunk, std::span<const uint32_t> rows,
                                        CodedValues& values, uint32_t* codes) const {
  SEXTANT_DCHECK(rows.size() <= kBatchRows);
  const TextScope scope;
  const Lease<ValueVector> vector;
  uint8_t* const valid = vector->valid;
  switch (kind_) {
    case Kind::kCode:
      computed_->ReadCodes(chunk, rows, codes, valid);
      for (size_t k = 0; k < rows.size(); ++k) codes[k] = valid[k] != 0 ? codes[k] + 1 : 0;
      return absl::OkStatus();
    case Kind::kWide: {
      Wide* const wides = vector->As<Wide>();
      computed_->ReadWides(chunk, rows, wides, valid);
      SEXTANT_RETURN_IF_ERROR(values.wides.Reserve(rows.size()));
      for (size_t k = 0; k < rows.size(); ++k) {
        codes[k] = 0;
        if (valid[k] == 0) continue;
        SEXTANT_ASSIGN_OR_RETURN(codes[k], InternWide(wides[k], values));
      }
      return absl::OkStatus();
    }
    case Kind::kBytes: {
      std::string_view* const texts = vector->As<std::string_view>();
      computed_->ReadTexts(chunk, rows, texts, valid);
      for (size_t k = 0; k < rows.size(); ++k) {
        codes[k] = 0;
        if (valid[k] == 0) continue;
        SEXTANT_ASSIGN_OR_RETURN(const uint32_t id, values.bytes.Intern(texts[k]));
        codes[k] = id + 1;
      }
      return absl::OkStatus();
    }
    default: {
      int64_t* const keys = vector->As<int64_t>();
      computed_->ReadKeys(chunk, rows, keys, valid);
      SEXTANT_RETURN_IF_ERROR(values.integers.Reserve(rows.size()));
      for (size_t k = 0; k < rows.size(); ++k) {
        codes[k] = valid[k] != 0 ? values.integers.Intern(keys[k]) + 1 : 0;
      }
      return absl::OkStatus();
    }
  }
}

absl::Status ValueCoder::EncodeColumn(const Column& column, std::span<const uint32_t> rows,
                                      CodedValues& values, uint32_t* codes) const {
  SEXTANT_DCHECK(rows.size() <= kBatchRows);
  std::array<int64_t, kBatchRows> keys;
  switch (kind_) {
    case Kind::kCode:
      WithUnsignedSlots(column, [&](auto slots) { GatherCodes(slots.data(), 1, rows, codes); });
      break;
    case Kind::kDenseInteger:  // from 1
      GatherOffsetsFrom(static_cast<int64_t>(static_cast<uint64_t>(min_) - 1), column, rows, codes);
      break;
    case Kind::kInteger:
      GatherValues(column, rows, keys.data());
      SEXTANT_RETURN_IF_ERROR(InternKeys({keys.data(), rows.size()}, values, codes));
      break;
    case Kind::kFloat:
      WithFloatSlots(column, [&](auto slots) {
        for (size_t k = 0; k < rows.size(); ++k) {
          keys[k] = FloatOrderKey(static_cast<double>(slots[rows[k]]));
        }
      });
      SEXTANT_RETURN_IF_ERROR(InternKeys({keys.data(), rows.size()}, values, codes));
      break;
    case Kind::kWide: {
      SEXTANT_RETURN_IF_ERROR(values.wides.Reserve(rows.size()));
      for (size_t k = 0; k < rows.size(); ++k) {
        SEXTANT_ASSIGN_OR_RETURN(codes[k], InternWide(column.values<Wide>()[rows[k]], values));
      }
      break;
    }
    case Kind::kBytes:
      SEXTANT_RETURN_IF_ERROR(InternTexts(column, rows, values.bytes, codes));
      break;
    case Kind::kRank:
      SEXTANT_CHECK(false) << "ranks are of rows, not of elements";
  }
  MaskNulls(column, rows, codes);
  return absl::OkStatus();
}

uint64_t ValueCoder::NumCodes(const CodedValues& values) const {
  switch (kind_) {
    case Kind::kCode:
    case Kind::kRank:
    case Kind::kDenseInteger:
      return domain_;
    case Kind::kWide:
      return uint64_t{values.wides.size()} + 1;
    case Kind::kBytes:
      return uint64_t{values.bytes.size()} + 1;
    default:
      return uint64_t{values.integers.size()} + 1;
  }
}

absl::StatusOr<uint32_t> ValueCoder::AbsorbCode(const CodedValues& from, uint32_t code,
                                                CodedValues& into) const {
  const uint32_t id = code - 1;
  if (kind_ == Kind::kBytes) {
    SEXTANT_ASSIGN_OR_RETURN(const uint32_t fresh, into.bytes.Intern(from.bytes.key(id)));
    return fresh + 1;
  }
  if (kind_ == Kind::kWide) {
    SEXTANT_RETURN_IF_ERROR(into.wides.Reserve(1));
    const uint32_t fresh = into.wides.Intern(from.wides.key(id));
    if (fresh == into.shown.size()) {
      SEXTANT_RETURN_IF_ERROR(into.shown.Append(from.shown[id]));
    }
    return fresh + 1;
  }
  SEXTANT_RETURN_IF_ERROR(into.integers.Reserve(1));
  return into.integers.Intern(from.integers.key(id)) + 1;
}

absl::Status ValueCoder::Absorb(const CodedValues& from, CodedValues& into,
                                TrackedVector<uint32_t>& remap) const {
  const auto num_codes = static_cast<uint32_t>(is_dense() ? 0 : NumCodes(from));
  SEXTANT_RETURN_IF_ERROR(remap.Resize(num_codes));
  if (num_codes == 0) return absl::OkStatus();
  remap[0] = 0;
  SEXTANT_RETURN_IF_ERROR(into.integers.Reserve(from.integers.size()));
  SEXTANT_RETURN_IF_ERROR(into.wides.Reserve(from.wides.size()));
  for (uint32_t code = 1; code < num_codes; ++code) {
    if (code % kCodesPerQuestion == 0) SEXTANT_RETURN_IF_ERROR(AskToGoOn());
    SEXTANT_ASSIGN_OR_RETURN(remap[code], AbsorbCode(from, code, into));
  }
  return absl::OkStatus();
}

double ValueCoder::FloatOf(const CodedValues& values, uint32_t code) const {
  return FloatOfOrderKey(values.integers.key(code - 1));
}

Wide ValueCoder::WideOf(const CodedValues& values, uint32_t code) const {
  return values.shown[code - 1];
}

}  // namespace sextant
