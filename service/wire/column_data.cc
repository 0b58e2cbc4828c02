#include "service/wire/column_data.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "compute/plan/instant_text.h"
#include "service/wire/value_text.h"
#include "sextant/v1/result.pb.h"

namespace sextant {
namespace {

using Nested = ProtobufBytes::Nested;

/// A Wide as a hash key.
using WideHalves = std::pair<uint64_t, uint64_t>;

/// The distinct texts of rows, each written when it comes first, then the codes of the rows. The
/// code of NULL is 0 and means nothing.
class TextColumnBytes {
 public:
  TextColumnBytes(size_t num_rows, ProtobufBytes& bytes)
      : bytes_(bytes), column_(bytes.Begin(v1::ColumnData::kTextsFieldNumber, 2 * num_rows)) {
    codes_.reserve(num_rows);
  }

  uint32_t AddText(std::string_view text) {
    bytes_.AddBytes(v1::TextColumn::kValuesFieldNumber, text);
    return num_texts_++;
  }
  void AddRow(uint32_t code) { codes_.push_back(code); }
  void AddNull() { codes_.push_back(0); }
  void End() {
    bytes_.AddCodes(v1::TextColumn::kCodesFieldNumber, codes_);
    bytes_.End(column_);
  }

 private:
  ProtobufBytes& bytes_;
  const Nested column_;
  std::vector<uint32_t> codes_;
  uint32_t num_texts_ = 0;
};

/// `print` makes the text of a key.
template <typename Key, typename Print>
void AddTexts(const std::vector<Key>& keys, const std::vector<uint8_t>& valid, ProtobufBytes& bytes,
              Print print) {
  absl::flat_hash_map<Key, uint32_t> codes;
  TextColumnBytes column(keys.size(), bytes);
  for (size_t row = 0; row < keys.size(); ++row) {
    if (valid[row] == 0) {
      column.AddNull();
      continue;
    }
    const auto [entry, is_new] = codes.try_emplace(keys[row], 0);
    if (is_new) entry->second = column.AddText(print(keys[row]));
    column.AddRow(entry->second);
  }
  column.End();
}

/// The same of texts that a batch has once each already.
void AddTexts(const ResultTexts& texts, const std::vector<uint8_t>& valid, bool are_bytes,
              ProtobufBytes& bytes) {
  constexpr int64_t kNoCode = -1;
  std::vector<int64_t> codes(texts.num_entries(), kNoCode);  // by entry
  TextColumnBytes column(valid.size(), bytes);
  for (size_t row = 0; row < valid.size(); ++row) {
    if (valid[row] == 0) {
      column.AddNull();
      continue;
    }
    int64_t& code = codes[texts.codes[row]];
    if (code == kNoCode) code = column.AddText(are_bytes ? BytesText(texts[row]) : texts[row]);
    column.AddRow(static_cast<uint32_t>(code));
  }
  column.End();
}

void AddWides(const std::vector<Wide>& wides, const ResultValues& values, ProtobufBytes& bytes) {
  std::vector<WideHalves> keys;
  keys.reserve(wides.size());
  for (const Wide& wide : wides) keys.emplace_back(wide.low, wide.high);
  AddTexts(keys, values.valid, bytes, [&](WideHalves key) {
    return WideText(values.type, {key.first, key.second});
  });
}

void AddFloats(const std::vector<double>& floats, ProtobufBytes& bytes) {
  const Nested column =
      bytes.Begin(v1::ColumnData::kFloatsFieldNumber, floats.size() * sizeof(double));
  bytes.AddFloats(v1::FloatColumn::kValuesFieldNumber, floats);
  bytes.End(column);
}

void AddBools(const std::vector<int64_t>& integers, ProtobufBytes& bytes) {
  std::vector<uint32_t> bools(integers.size());
  for (size_t row = 0; row < integers.size(); ++row) bools[row] = integers[row] != 0 ? 1 : 0;
  const Nested column = bytes.Begin(v1::ColumnData::kBoolsFieldNumber, bools.size());
  bytes.AddCodes(v1::BoolColumn::kValuesFieldNumber, bools);
  bytes.End(column);
}

void AddLists(const ResultLists& lists, absl::TimeZone zone, ProtobufBytes& bytes) {
  const size_t expected_bytes = ExpectedBytes(*lists.elements);
  const Nested column = bytes.Begin(v1::ColumnData::kListsFieldNumber, expected_bytes);
  bytes.AddCodes(v1::ListColumn::kOffsetsFieldNumber, lists.offsets);
  const Nested elements = bytes.Begin(v1::ListColumn::kElementsFieldNumber, expected_bytes);
  AddColumnData(*lists.elements, zone, bytes);
  bytes.End(elements);
  bytes.End(column);
}

/// What travels as integers, and what integers stand for.
void AddIntegerValues(const std::vector<int64_t>& integers, const ResultValues& values,
                      absl::TimeZone zone, ProtobufBytes& bytes) {
  switch (values.type.kind) {
    case TypeKind::kBool:
      return AddBools(integers, bytes);
    case TypeKind::kDate:
      return AddTexts(integers, values.valid, bytes, DateText);
    case TypeKind::kTimestamp:
      return AddTexts(integers, values.valid, bytes,
                      [zone](int64_t us) { return FormatInstant(us, zone); });
    case TypeKind::kDecimal:
      return AddTexts(integers, values.valid, bytes,
                      [&](int64_t unscaled) { return DecimalText(unscaled, values.type.scale); });
    default:
      return AddIntegers(integers, bytes);
  }
}

/// Bit i is set where byte i of the eight at `flags` is not 0.
uint8_t BitsOfEight(const uint8_t* flags) {
  static_assert(std::endian::native == std::endian::little, "byte 0 is the lowest");
  uint64_t bytes = 0;
  std::memcpy(&bytes, flags, sizeof(bytes));
  // The lowest bit of each byte becomes whether any of its bits is set, ..
  bytes |= bytes >> 4;
  bytes |= bytes >> 2;
  bytes |= bytes >> 1;
  bytes &= 0x0101'0101'0101'0101;
  // .. and that of byte i goes to bit 56 + i.
  return static_cast<uint8_t>(bytes * 0x0102'0408'1020'4080 >> 56);
}

}  // namespace

void AddColumnData(const ResultValues& values, absl::TimeZone zone, ProtobufBytes& bytes) {
  if (const auto* floats = std::get_if<std::vector<double>>(&values.values)) {
    AddFloats(*floats, bytes);
  } else if (const auto* texts = std::get_if<ResultTexts>(&values.values)) {
    AddTexts(*texts, values.valid, values.type.kind == TypeKind::kBytes, bytes);
  } else if (const auto* wides = std::get_if<std::vector<Wide>>(&values.values)) {
    AddWides(*wides, values, bytes);
  } else if (const auto* lists = std::get_if<ResultLists>(&values.values)) {
    AddLists(*lists, zone, bytes);
  } else {
    AddIntegerValues(std::get<std::vector<int64_t>>(values.values), values, zone, bytes);
  }
  AddValidity(values.valid, bytes);
}

void AddIntegers(std::span<const int64_t> integers, ProtobufBytes& bytes) {
  const Nested column = bytes.Begin(v1::ColumnData::kIntsFieldNumber, integers.size());
  bytes.AddIntegers(v1::IntColumn::kValuesFieldNumber, integers);
  bytes.End(column);
}

void AddValidity(const std::vector<uint8_t>& valid, ProtobufBytes& bytes) {
  if (valid.empty() || std::memchr(valid.data(), 0, valid.size()) == nullptr) return;
  std::string bits((valid.size() + 7) / 8, '\0');
  size_t row = 0;
  for (; row + 8 <= valid.size(); row += 8) {
    bits[row / 8] = static_cast<char>(BitsOfEight(valid.data() + row));
  }
  if (row < valid.size()) {
    std::array<uint8_t, 8> last = {};
    std::copy(valid.begin() + static_cast<std::ptrdiff_t>(row), valid.end(), last.begin());
    bits.back() = static_cast<char>(BitsOfEight(last.data()));
  }
  bytes.AddBytes(v1::ColumnData::kValidityFieldNumber, bits);
}

size_t ExpectedBytes(const ResultValues& values) {
  const bool are_floats = std::holds_alternative<std::vector<double>>(values.values);
  return values.valid.size() * (are_floats ? sizeof(double) : 1) + values.valid.size() / 8 +
         kMaxFieldOverhead;
}

}  // namespace sextant
