#include "service/wire/arrow_file.h"

#include <cstring>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "service/wire/arrow_body.h"

namespace sextant {
namespace {

constexpr size_t kMagicBytes = 8;

absl::Status Broken(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("Arrow message: found ", std::string(what)));
}

/// How many buffers a column has; a list has those of its child too.
size_t NumBuffers(const ArrowField& field) {
  if (field.dictionary_id.has_value()) return 2;
  if (field.kind == ArrowKind::kList) return 2 + NumBuffers(field.children[0]);
  return field.kind == ArrowKind::kUtf8 ? 3 : 2;
}

std::string_view BufferOf(const ArrowLayout& layout, size_t index, std::string_view body) {
  return body.substr(static_cast<size_t>(layout.buffers[2 * index]),
                     static_cast<size_t>(layout.buffers[2 * index + 1]));
}

template <typename T>
T ValueAt(std::string_view buffer, size_t index) {
  T value;
  std::memcpy(&value, buffer.data() + index * sizeof(T), sizeof(T));
  return value;
}

/// The texts of a dictionary.
absl::StatusOr<std::vector<std::string_view>> ReadTexts(const ArrowLayout& layout,
                                                        std::string_view body) {
  if (layout.buffers.size() != 2 * 3) return Broken("a dictionary that is not of texts");
  const auto num_rows = static_cast<size_t>(layout.num_rows);
  const std::string_view offsets = BufferOf(layout, 1, body);
  const std::string_view bytes = BufferOf(layout, 2, body);
  if (offsets.size() / sizeof(int32_t) < num_rows + 1) return Broken("too few offsets of texts");
  std::vector<std::string_view> texts;
  for (size_t row = 0; row < num_rows; ++row) {
    const auto begin = ValueAt<int32_t>(offsets, row);
    const auto end = ValueAt<int32_t>(offsets, row + 1);
    if (begin < 0 || end < begin || static_cast<size_t>(end) > bytes.size()) {
      return Broken("a text outside of its dictionary");
    }
    texts.push_back(bytes.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
  }
  return texts;
}

/// A message that follows the schema.
absl::StatusOr<ArrowMessageView> ReadMessage(std::string_view metadata, std::string_view body) {
  SEXTANT_ASSIGN_OR_RETURN(ArrowMessageView message, ReadArrowMessage(metadata));
  if (message.layout.body_bytes != static_cast<int64_t>(body.size())) {
    return Broken(absl::StrCat("a body of ", body.size(), " bytes, its metadata says ",
                               message.layout.body_bytes));
  }
  return message;
}

bool IsSet(std::string_view bits, size_t row) {
  return bits.empty() || (static_cast<unsigned char>(bits[row / 8]) >> (row % 8) & 1) != 0;
}

/// Replaces each code of the column whose codes are buffer `index` by its entry in `new_codes`.
absl::Status RewriteColumn(std::span<const int32_t> new_codes, const ArrowLayout& layout,
                           size_t index, std::string& body) {
  const auto num_rows = static_cast<size_t>(layout.num_rows);
  const std::string_view bits = BufferOf(layout, index - 1, body);
  const std::string_view codes = BufferOf(layout, index, body);
  if (codes.size() / sizeof(int32_t) < num_rows || (!bits.empty() && bits.size() * 8 < num_rows)) {
    return Broken("a column shorter than its batch");
  }
  for (size_t row = 0; row < num_rows; ++row) {
    // The code of a NULL means nothing.
    const int32_t code = IsSet(bits, row) ? ValueAt<int32_t>(codes, row) : -1;
    const bool is_known = code >= 0 && static_cast<size_t>(code) < new_codes.size();
    if (!is_known && IsSet(bits, row)) return Broken("a code that its dictionary lacks");
    const int32_t new_code = is_known ? new_codes[static_cast<size_t>(code)] : 0;
    std::memcpy(body.data() + layout.buffers[2 * index] + row * sizeof(int32_t), &new_code,
                sizeof(new_code));
  }
  return absl::OkStatus();
}

int64_t NumRows(const ArrowMessageView& message) {
  return message.dictionary_id.has_value() ? 0 : message.layout.num_rows;
}

}  // namespace

absl::Status ArrowStreamWriter::Begin(std::string_view schema_metadata, std::ostream& out) {
  SEXTANT_RETURN_IF_ERROR(ReadArrowSchema(schema_metadata).status());
  out << ArrowEncapsulated(schema_metadata, 0);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ArrowStreamWriter::Add(std::string_view metadata, std::string_view body,
                                               std::ostream& out) {
  SEXTANT_ASSIGN_OR_RETURN(const ArrowMessageView message, ReadMessage(metadata, body));
  out << ArrowEncapsulated(metadata, 0) << body;
  return NumRows(message);
}

absl::Status ArrowStreamWriter::End(std::ostream& out) {
  out << kArrowEndOfStream;
  return absl::OkStatus();
}

absl::Status ArrowFileWriter::Begin(std::string_view schema_metadata, std::ostream& out) {
  SEXTANT_ASSIGN_OR_RETURN(ArrowSchema schema, ReadArrowSchema(schema_metadata));
  fields_ = std::move(schema.fields);
  schema_metadata_ = schema_metadata;
  for (const ArrowField& field : fields_) {
    if (field.dictionary_id.has_value()) dictionaries_[*field.dictionary_id];
  }
  Write(std::string(kArrowMagic).append(kMagicBytes - kArrowMagic.size(), '\0'), out);
  WriteMessage(schema_metadata, {}, out);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ArrowFileWriter::Add(std::string_view metadata, std::string_view body,
                                             std::ostream& out) {
  SEXTANT_ASSIGN_OR_RETURN(const ArrowMessageView message, ReadMessage(metadata, body));
  if (message.dictionary_id.has_value()) {
    SEXTANT_RETURN_IF_ERROR(TakeDictionary(message, body));
    return 0;
  }
  std::string rewritten(body);
  SEXTANT_RETURN_IF_ERROR(RewriteCodes(message.layout, rewritten));
  batches_.push_back(WriteMessage(metadata, rewritten, out));
  return NumRows(message);
}

absl::Status ArrowFileWriter::TakeDictionary(const ArrowMessageView& message,
                                             std::string_view body) {
  const auto entry = dictionaries_.find(*message.dictionary_id);
  if (entry == dictionaries_.end()) return Broken("a dictionary that no column has");
  Dictionary& dictionary = entry->second;
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string_view> texts,
                           ReadTexts(message.layout, body));
  dictionary.code_of_code.clear();
  for (const std::string_view text : texts) {
    const auto next_code = static_cast<int32_t>(dictionary.texts.size());
    const auto [known, is_new] = dictionary.code_of_text.try_emplace(std::string(text), next_code);
    if (is_new) dictionary.texts.push_back(known->first);
    dictionary.code_of_code.push_back(known->second);
  }
  return absl::OkStatus();
}

absl::Status ArrowFileWriter::RewriteCodes(const ArrowLayout& layout, std::string& body) const {
  size_t buffer = 0;
  const size_t num_buffers = layout.buffers.size() / 2;
  for (const ArrowField& field : fields_) {
    const size_t codes_buffer = buffer + 1;
    buffer += NumBuffers(field);
    if (buffer > num_buffers) return Broken("fewer buffers than the columns have");
    if (!field.dictionary_id.has_value()) continue;
    SEXTANT_RETURN_IF_ERROR(RewriteColumn(dictionaries_.at(*field.dictionary_id).code_of_code,
                                          layout, codes_buffer, body));
  }
  return absl::OkStatus();
}

absl::Status ArrowFileWriter::End(std::ostream& out) {
  std::vector<ArrowBlock> blocks;
  for (const auto& [id, dictionary] : dictionaries_) {
    ArrowBody body(dictionary.texts.size());
    body.AddNode(dictionary.texts.size(), {});
    body.AddTexts(dictionary.texts);
    blocks.push_back(
        WriteMessage(ArrowDictionaryMessage(id, body.layout()), body.TakeBytes(), out));
  }
  SEXTANT_ASSIGN_OR_RETURN(const std::string footer,
                           ArrowFooter(schema_metadata_, blocks, batches_));
  const auto footer_bytes = static_cast<int32_t>(footer.size());
  Write(kArrowEndOfStream, out);
  Write(footer, out);
  Write({reinterpret_cast<const char*>(&footer_bytes), sizeof(footer_bytes)}, out);
  Write(kArrowMagic, out);
  return absl::OkStatus();
}

void ArrowFileWriter::Write(std::string_view bytes, std::ostream& out) {
  out << bytes;
  num_bytes_ += static_cast<int64_t>(bytes.size());
}

ArrowBlock ArrowFileWriter::WriteMessage(std::string_view metadata, std::string_view body,
                                         std::ostream& out) {
  const std::string encapsulated = ArrowEncapsulated(metadata, num_bytes_);
  const ArrowBlock block{num_bytes_, static_cast<int32_t>(encapsulated.size()),
                         static_cast<int64_t>(body.size())};
  Write(encapsulated, out);
  Write(body, out);
  return block;
}

}  // namespace sextant
