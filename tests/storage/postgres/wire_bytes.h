#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "storage/postgres/type_map.h"

namespace sextant {

/// `value` in network order.
std::string Int16Bytes(int64_t value);
std::string Int32Bytes(int64_t value);
std::string Int64Bytes(int64_t value);

/// `value` with its length before it, SQL NULL as the length -1.
std::string FieldBytesOf(const std::optional<std::string>& value);

/// A row of a binary COPY.
std::string RowOf(const std::vector<std::optional<std::string>>& fields);

/// The binary form of numeric: base-10000 digits, the first worth 10000^weight.
std::string NumericBytes(int weight, int sign, const std::vector<int>& digits);

/// The binary form of a one-dimensional array.
std::string ArrayBytes(uint32_t element_oid,
                       const std::vector<std::optional<std::string>>& elements);

/// A planned column, nullable.
PlannedColumn Planned(std::string name, DataType type, WireType wire);

/// Decodes whole rows as one stream, in batches of at most 128.
absl::StatusOr<std::shared_ptr<const Table>> DecodeRows(const std::vector<PlannedColumn>& columns,
                                                        const std::vector<std::string>& rows,
                                                        uint32_t chunk_rows = kMaxChunkRows);

/// Decodes rows of one column; its values as text.
absl::StatusOr<std::vector<std::string>> DecodeColumn(
    const PlannedColumn& column, const std::vector<std::optional<std::string>>& fields);

}  // namespace sextant
