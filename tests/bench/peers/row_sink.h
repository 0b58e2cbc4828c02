#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace sextant::peers {

/// Takes generated rows, value by value in the order of the columns. Not thread-safe.
class RowSink {
 public:
  virtual ~RowSink() = default;

  virtual void Null() = 0;
  virtual void Bool(bool value) = 0;
  virtual void Integer(int64_t value) = 0;
  virtual void Float(double value) = 0;
  virtual void Text(std::string_view value) = 0;
  virtual void Timestamp(int64_t seconds) = 0;  // since 1970-01-01T00:00Z
  virtual void List(std::span<const std::string> elements) = 0;

  /// Errors: what became of the rows so far: no memory, no room on the disk.
  virtual absl::Status EndRow() = 0;
  /// After the last row.
  virtual absl::Status EndRows() = 0;
};

}  // namespace sextant::peers
