// Values of any number of bytes: text, bpchar, enum labels, json, jsonb, bytea.

#include <utility>

#include "storage/postgres/column_decoder.h"
#include "storage/postgres/utf8.h"

namespace sextant {
namespace {

// One version of jsonb's binary form exists: a byte 1, then the text.
constexpr char kJsonbVersion = 1;

std::string_view WithoutPadding(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <WireType kWire>
class TextDecoder final : public ColumnDecoder {
 public:
  using ColumnDecoder::ColumnDecoder;

  absl::Status Decode(const FieldBatch& batch, ColumnBuilder& builder) override {
    const size_t num_rows = batch.fields.size();
    std::array<std::string_view, kMaxRawRows> values;
    for (size_t i = 0; i < num_rows; ++i) {
      const char* const field = batch.fields[i];
      if (field == nullptr) continue;
      std::string_view value = FieldBytes(field);
      if constexpr (kWire == WireType::kJsonb) {
        if (value.empty() || value.front() != kJsonbVersion) {
          return Malformed(batch.row(i), "a jsonb of unknown version");
        }
        value.remove_prefix(1);
      }
      if constexpr (kWire == WireType::kBpchar) value = WithoutPadding(value);
      if constexpr (kWire != WireType::kBytea) {
        if (!IsAscii(value) && !IsUtf8(value)) {
          return Unstorable(batch.row(i), "text that is not valid UTF-8");
        }
      }
      values[i] = value;
    }
    const BatchValidity valid(batch.fields);
    return static_cast<StringColumnBuilder&>(builder).Append(std::span(values.data(), num_rows),
                                                             valid.words());
  }
};

}  // namespace

std::unique_ptr<ColumnDecoder> MakeTextDecoder(const PlannedColumn& column, WireType wire) {
  const std::string& name = column.field.name;
  switch (wire) {
    case WireType::kJsonb:
      return std::make_unique<TextDecoder<WireType::kJsonb>>(name);
    case WireType::kBpchar:
      return std::make_unique<TextDecoder<WireType::kBpchar>>(name);
    case WireType::kBytea:
      return std::make_unique<TextDecoder<WireType::kBytea>>(name);
    default:
      return std::make_unique<TextDecoder<WireType::kText>>(name);
  }
}

}  // namespace sextant
