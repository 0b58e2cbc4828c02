#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/wire/arrow_metadata.h"
#include "sextant/v1/result.pb.h"

namespace sextant {

/// Reads the messages of an Arrow answer back, for tests: as Columnar.rst of Arrow describes them.
/// Values become the texts that the columns of the protobuf messages have ("NULL" where there is
/// none, "[a,b]" for a list), floats all of their bits. Whatever is not as it should be fails the
/// test.
class ArrowCells {
 public:
  explicit ArrowCells(std::string_view schema_message);

  void Add(const v1::ArrowMessage& message);

  const std::vector<ArrowField>& fields() const { return fields_; }
  /// Per row its values, joined by '|'.
  const std::vector<std::string>& rows() const { return rows_; }
  /// Of the batches, by the order they came in.
  const std::vector<size_t>& rows_per_batch() const { return rows_per_batch_; }
  size_t num_dictionaries() const { return num_dictionaries_; }

 private:
  struct Cursor;
  std::vector<std::string> ReadColumn(const ArrowField& field, Cursor& cursor) const;
  std::string ValueText(const ArrowField& field, std::string_view values, size_t row) const;

  std::vector<ArrowField> fields_;
  std::map<int64_t, std::vector<std::string>> dictionaries_;
  std::vector<std::string> rows_;
  std::vector<size_t> rows_per_batch_;
  size_t num_dictionaries_ = 0;
};

/// The bits of a float, so that NaN is equal to itself and -0 is not 0.
std::string FloatBits(double value);

}  // namespace sextant
