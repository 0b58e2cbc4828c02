#include "service/wire/arrow_columns.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "service/wire/value_text.h"

namespace sextant {
namespace {

template <typename T>
const std::vector<T>& As(const ResultValues& values) {
  return std::get<std::vector<T>>(values.values);
}

/// Each integer as a T, in which the result has promised that it fits.
template <typename T>
std::vector<T> Convert(const std::vector<int64_t>& integers) {
  std::vector<T> converted;
  converted.reserve(integers.size());
  for (const int64_t integer : integers) converted.push_back(static_cast<T>(integer));
  return converted;
}

/// The texts of a column, nothing for a NULL.
struct Texts {
  std::vector<std::string> printed;  // of values that are none
  std::vector<std::string_view> views;
};

Texts TextsOf(const ResultValues& values) {
  Texts texts;
  const auto* batch_texts = std::get_if<ResultTexts>(&values.values);
  if (batch_texts != nullptr && values.type.kind != TypeKind::kBytes) {
    for (size_t row = 0; row < values.valid.size(); ++row) {
      texts.views.push_back(values.valid[row] != 0 ? (*batch_texts)[row] : std::string_view());
    }
    return texts;
  }
  for (size_t row = 0; row < values.valid.size(); ++row) {
    std::string& text = texts.printed.emplace_back();
    if (values.valid[row] == 0) continue;
    text = batch_texts != nullptr ? BytesText((*batch_texts)[row])
                                  : WideText(values.type, As<Wide>(values)[row]);
  }
  texts.views.assign(texts.printed.begin(), texts.printed.end());
  return texts;
}

}  // namespace

ArrowKind ArrowKindOf(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBool:
      return ArrowKind::kBool;
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return ArrowKind::kInt64;
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
    case TypeKind::kDuration:
      return ArrowKind::kFloat64;
    case TypeKind::kDecimal:
      return ArrowKind::kDecimal128;
    case TypeKind::kDate:
      return ArrowKind::kDate32;
    case TypeKind::kTimestamp:
      return ArrowKind::kTimestampUs;
    case TypeKind::kList:
      return ArrowKind::kList;
    default:
      return ArrowKind::kUtf8;
  }
}

void AddArrowColumn(const ResultValues& values, ArrowBody& body) {
  body.AddNode(values.valid.size(), values.valid);
  switch (ArrowKindOf(values.type)) {
    case ArrowKind::kBool:
      return body.AddBits(Convert<uint8_t>(As<int64_t>(values)));
    case ArrowKind::kInt64:
    case ArrowKind::kTimestampUs:
      return body.AddFixedWidth<int64_t>(As<int64_t>(values));
    case ArrowKind::kInt32:
    case ArrowKind::kDate32:
      return body.AddFixedWidth<int32_t>(Convert<int32_t>(As<int64_t>(values)));
    case ArrowKind::kFloat64:
      return body.AddFixedWidth<double>(As<double>(values));
    case ArrowKind::kDecimal128:
      if (const auto* wides = std::get_if<std::vector<Wide>>(&values.values)) {
        return body.AddFixedWidth<Wide>(*wides);
      }
      return body.AddFixedWidth<int128_t>(Convert<int128_t>(As<int64_t>(values)));
    case ArrowKind::kUtf8:
      return body.AddTexts(TextsOf(values).views);
    case ArrowKind::kList: {
      const auto& lists = std::get<ResultLists>(values.values);
      body.AddFixedWidth<uint32_t>(lists.offsets);
      return AddArrowColumn(*lists.elements, body);
    }
  }
}

void AddArrowCodes(std::span<const int32_t> codes, std::span<const uint8_t> valid,
                   ArrowBody& body) {
  body.AddNode(codes.size(), valid);
  body.AddFixedWidth(codes);
}

}  // namespace sextant
