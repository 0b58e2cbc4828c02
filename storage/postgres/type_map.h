#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "compute/column/schema.h"
#include "storage/postgres/source_schema.h"

namespace sextant {

/// How the binary form of a value is read.
enum class WireType : uint8_t {
  kBool,
  kInt2,
  kInt4,
  kInt8,
  kFloat4,
  kFloat8,
  kNumeric,
  kText,
  kBpchar,
  kEnum,
  kUuid,
  kJson,
  kJsonb,
  kDate,
  kTimestamp,
  kTimestamptz,
  kInterval,
  kBytea,
  kArray,
};

/// A column of a load: how it arrives and what it becomes.
struct PlannedColumn {
  Field field;
  WireType wire = WireType::kText;
  WireType element_wire = WireType::kText;    // kArray
  uint32_t element_oid = 0;                   // kArray: as the wire names it
  absl::TimeZone zone = absl::UTCTimeZone();  // kTimestamp: where its local times are (rule 10)
};

/// What the catalogue says of a column besides its name.
struct ColumnOverrides {
  std::string type;  // "numeric(18,4)", "text"; empty: as declared by the source
  std::string zone;  // IANA zone; empty: UTC
};

/// The SQL type that the server must cast `column` to before it is sent; empty when it can be sent
/// as it is. What has no typed form here becomes text (an array: text[]). A numeric with a declared
/// numeric(p,s) is not cast: a cast would round, the decoder refuses what does not fit.
/// Errors: FailedPrecondition for a declared numeric without precision or of more than 38 digits.
absl::StatusOr<std::string> CastFor(const SourceColumn& column, const ColumnOverrides& overrides);

/// The plan of `column` as it arrives, that is after its cast.
///
/// bool int2 int4 int8 float4 float8; numeric(p,s) of p <= 38; text varchar name, bpchar (without
/// its padding); enum; uuid; json jsonb; date; timestamptz; timestamp (an instant through its
/// zone); interval; bytea; arrays of text, integers, floats, timestamp and timestamptz. Domains
/// count as what they stand for. Errors: FailedPrecondition for numeric without precision or of
/// more than 38 digits, with the line to add to the catalogue; for a zone on another type or an
/// unknown zone; for a type that has no form here.
absl::StatusOr<PlannedColumn> MapColumn(const SourceColumn& column,
                                        const ColumnOverrides& overrides);

}  // namespace sextant
