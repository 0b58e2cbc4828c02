#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compute/exec/result.h"
#include "service/wire/arrow_body.h"
#include "sextant/v1/result.pb.h"

namespace sextant {

/// The texts of one column in the dictionary that its reader has. Keeps those of one batch only, so
/// that its memory does not grow with the answer. Not thread-safe.
class ArrowDictionary {
 public:
  /// The codes of `texts`, 0 for a NULL. Returns whether the reader needs a new dictionary first:
  /// when a text is not in the one it has, and before the first batch.
  bool Encode(const ResultTexts& texts, const std::vector<uint8_t>& valid,
              std::vector<int32_t>& codes);
  /// The texts by their codes.
  std::vector<std::string_view> texts() const;

 private:
  /// Encodes by find_or_add(text), once per entry that has a row; false where that is kNoCode.
  template <typename FindOrAdd>
  static bool EncodeBy(const ResultTexts& texts, const std::vector<uint8_t>& valid,
                       FindOrAdd find_or_add, std::vector<int32_t>& codes);

  absl::flat_hash_map<std::string, int32_t> codes_;
  bool is_sent_ = false;
};

/// Puts the answer of a query into the messages of an Arrow IPC stream. One per answer; the batches
/// must come in their order. Text and enums have dictionaries, which are replaced when a batch has
/// a text that they lack. Unlike the columns of the protobuf messages, a start is the instant its
/// interval begins at (NULL where the header has no borders), and a series its name.
/// Thread-safety: one thread at a time.
class ArrowBatchEncoder {
 public:
  /// `header` must outlive this.
  explicit ArrowBatchEncoder(const ResultHeader& header);

  /// The metadata of the Schema message. Of a column it tells sextant.role (a ColumnRole),
  /// sextant.type (PostgreSQL's name of it) and sextant.unit, of the whole sextant.time_zone,
  /// sextant.tz_version and, per dataset, sextant.version.NAME and sextant.as_of.NAME.
  std::string SchemaMessage() const;

  /// The dictionaries that the batch needs, then the batch.
  std::vector<v1::ArrowMessage> EncodeBatch(const ResultBatch& batch);

  uint32_t num_messages() const { return num_messages_; }
  uint32_t messages_crc32() const { return crc32_; }

 private:
  void EncodeColumn(const ResultBatch& batch, size_t index, ArrowBody& body,
                    std::vector<v1::ArrowMessage>& messages);
  void EncodeStarts(const ResultBatch& batch, size_t index, ArrowBody& body) const;
  void EncodeSeries(const ResultValues& values, size_t index, ArrowBody& body,
                    std::vector<v1::ArrowMessage>& messages);
  void AddDictionary(size_t index, const std::vector<std::string_view>& texts,
                     std::vector<v1::ArrowMessage>& messages);
  void Add(std::string metadata, std::string body, std::vector<v1::ArrowMessage>& messages);

  const ResultHeader& header_;
  std::vector<ArrowField> fields_;
  std::vector<ArrowDictionary> dictionaries_;  // by column
  bool series_are_sent_ = false;
  uint32_t num_messages_ = 0;
  uint32_t crc32_ = 0;
};

}  // namespace sextant
