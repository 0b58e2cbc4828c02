#include "service/wire/arrow_batch.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/instant_text.h"
#include "service/wire/arrow_columns.h"
#include "service/wire/checksum.h"
#include "service/wire/result_header.h"

namespace sextant {
namespace {

using Integers = std::vector<int64_t>;

/// The text has no code.
constexpr int32_t kNoCode = -1;

/// Decimals of more digits after the point than digits exist in PostgreSQL, and not in Arrow.
int ArrowPrecision(const DataType& type) { return std::max(type.precision, type.scale); }

bool HasDictionary(const ResultColumn& column) {
  return column.role == ResultRole::kSeries || column.type.kind == TypeKind::kText ||
         column.type.kind == TypeKind::kEnum;
}

void SetType(const DataType& type, const std::string& time_zone, ArrowField& field) {
  field.kind = ArrowKindOf(type);
  if (field.kind == ArrowKind::kTimestampUs) field.time_zone = time_zone;
  if (field.kind == ArrowKind::kDecimal128) {
    field.precision = ArrowPrecision(type);
    field.scale = type.scale;
  }
  if (field.kind != ArrowKind::kList) return;
  ArrowField& element = field.children.emplace_back();
  element.name = "item";
  SetType(type.ElementType(), time_zone, element);
}

ArrowField FieldOf(const ResultHeader& header, size_t index) {
  const ResultColumn& column = header.columns[index];
  ArrowField field;
  field.name = column.name;
  field.metadata.emplace_back("sextant.role", v1::ColumnRole_Name(WireRole(column.role)));
  if (column.role == ResultRole::kSeries) {
    field.kind = ArrowKind::kUtf8;
  } else {
    SetType(column.type, header.time_zone, field);
    field.metadata.emplace_back("sextant.type", TypeName(column.type));
  }
  if (column.statistic != MetricStatistic::kValue) {
    field.metadata.emplace_back("sextant.statistic",
                                v1::MetricStatistic_Name(WireStatistic(column.statistic)));
  }
  if (!column.unit.empty()) field.metadata.emplace_back("sextant.unit", column.unit);
  if (HasDictionary(column)) field.dictionary_id = static_cast<int64_t>(index);
  return field;
}

}  // namespace

template <typename FindOrAdd>
bool ArrowDictionary::EncodeBy(const ResultTexts& texts, const std::vector<uint8_t>& valid,
                               FindOrAdd find_or_add, std::vector<int32_t>& codes) {
  std::vector<int32_t> code_of_entry(texts.num_entries(), kNoCode);
  codes.assign(valid.size(), 0);
  for (size_t row = 0; row < valid.size(); ++row) {
    if (valid[row] == 0) continue;
    int32_t& code = code_of_entry[texts.codes[row]];
    if (code == kNoCode) code = find_or_add(ToAbsl(texts[row]));
    if (code == kNoCode) return false;
    codes[row] = code;
  }
  return true;
}

bool ArrowDictionary::Encode(const ResultTexts& texts, const std::vector<uint8_t>& valid,
                             std::vector<int32_t>& codes) {
  const auto find = [this](absl::string_view text) {
    const auto entry = codes_.find(text);
    return entry == codes_.end() ? kNoCode : entry->second;
  };
  if (is_sent_ && EncodeBy(texts, valid, find, codes)) return false;
  is_sent_ = true;
  codes_.clear();
  const auto add = [this](absl::string_view text) {
    return codes_.try_emplace(text, static_cast<int32_t>(codes_.size())).first->second;
  };
  EncodeBy(texts, valid, add, codes);
  return true;
}

std::vector<std::string_view> ArrowDictionary::texts() const {
  std::vector<std::string_view> texts(codes_.size());
  for (const auto& [text, code] : codes_) texts[static_cast<size_t>(code)] = text;
  return texts;
}

ArrowBatchEncoder::ArrowBatchEncoder(const ResultHeader& header)
    : header_(header), dictionaries_(header.columns.size()) {
  for (size_t i = 0; i < header.columns.size(); ++i) fields_.push_back(FieldOf(header, i));
}

std::string ArrowBatchEncoder::SchemaMessage() const {
  ArrowPairs metadata = {{"sextant.time_zone", header_.time_zone},
                         {"sextant.tz_version", header_.tz_database_version}};
  for (const TableIdentity& identity : header_.datasets) {
    metadata.emplace_back(absl::StrCat("sextant.version.", identity.dataset),
                          absl::StrCat(identity.version));
    metadata.emplace_back(absl::StrCat("sextant.as_of.", identity.dataset),
                          FormatInstant(identity.as_of_us, absl::UTCTimeZone()));
  }
  return ArrowSchemaMessage({fields_, metadata});
}

std::vector<v1::ArrowMessage> ArrowBatchEncoder::EncodeBatch(const ResultBatch& batch) {
  std::vector<v1::ArrowMessage> messages;
  ArrowBody body(batch.num_rows);
  for (size_t i = 0; i < batch.columns.size(); ++i) EncodeColumn(batch, i, body, messages);
  Add(ArrowRecordBatchMessage(body.layout()), body.TakeBytes(), messages);
  return messages;
}

void ArrowBatchEncoder::EncodeColumn(const ResultBatch& batch, size_t index, ArrowBody& body,
                                     std::vector<v1::ArrowMessage>& messages) {
  const ResultValues& values = batch.columns[index];
  const ResultRole role = header_.columns[index].role;
  if (role == ResultRole::kStart) return EncodeStarts(batch, index, body);
  if (role == ResultRole::kSeries) return EncodeSeries(values, index, body, messages);
  if (!fields_[index].dictionary_id.has_value()) return AddArrowColumn(values, body);
  ArrowDictionary& dictionary = dictionaries_[index];
  std::vector<int32_t> codes;
  if (dictionary.Encode(std::get<ResultTexts>(values.values), values.valid, codes)) {
    AddDictionary(index, dictionary.texts(), messages);
  }
  AddArrowCodes(codes, values.valid, body);
}

void ArrowBatchEncoder::EncodeStarts(const ResultBatch& batch, size_t index,
                                     ArrowBody& body) const {
  ResultValues starts = batch.columns[index];
  const bool several = index > 0 && header_.columns[index - 1].role == ResultRole::kSeries;
  for (size_t row = 0; row < batch.num_rows; ++row) {
    const size_t series =
        several ? static_cast<size_t>(std::get<Integers>(batch.columns[index - 1].values)[row]) : 0;
    if (HasBorders(header_.series[series])) continue;
    starts.valid[row] = 0;
    std::get<Integers>(starts.values)[row] = 0;
  }
  AddArrowColumn(starts, body);
}

void ArrowBatchEncoder::EncodeSeries(const ResultValues& values, size_t index, ArrowBody& body,
                                     std::vector<v1::ArrowMessage>& messages) {
  if (!std::exchange(series_are_sent_, true)) {
    std::vector<std::string_view> names;
    for (const ResolvedSeries& series : header_.series) names.push_back(series.name);
    AddDictionary(index, names, messages);
  }
  const Integers& indices = std::get<Integers>(values.values);
  const std::vector<int32_t> codes(indices.begin(), indices.end());
  AddArrowCodes(codes, values.valid, body);
}

void ArrowBatchEncoder::AddDictionary(size_t index, const std::vector<std::string_view>& texts,
                                      std::vector<v1::ArrowMessage>& messages) {
  ArrowBody body(texts.size());
  body.AddNode(texts.size(), {});
  body.AddTexts(texts);
  Add(ArrowDictionaryMessage(*fields_[index].dictionary_id, body.layout()), body.TakeBytes(),
      messages);
}

void ArrowBatchEncoder::Add(std::string metadata, std::string body,
                            std::vector<v1::ArrowMessage>& messages) {
  for (const std::string& part : {std::cref(metadata), std::cref(body)}) {
    crc32_ = Crc32(crc32_, part);
  }
  ++num_messages_;
  v1::ArrowMessage& message = messages.emplace_back();
  message.set_metadata(std::move(metadata));
  message.set_body(std::move(body));
}

}  // namespace sextant
