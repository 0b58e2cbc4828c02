#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/time/time.h"
#include "compute/exec/result.h"
#include "service/wire/protobuf_bytes.h"

namespace sextant {

/// The fields of a v1::ColumnData, written as bytes. Thread-safe.

/// Of a column: its values, texts once per distinct one, instants in `zone`; then its validity.
/// REQUIRES: as many of `valid` as rows.
void AddColumnData(const ResultValues& values, absl::TimeZone zone, ProtobufBytes& bytes);

/// The values of an IntColumn.
void AddIntegers(std::span<const int64_t> integers, ProtobufBytes& bytes);

/// Nothing when all are valid.
void AddValidity(const std::vector<uint8_t>& valid, ProtobufBytes& bytes);

/// About so many bytes AddColumnData takes: right where values are floats or small integers.
size_t ExpectedBytes(const ResultValues& values);

/// More than the numbers and lengths of the fields around values take.
inline constexpr size_t kMaxFieldOverhead = 64;

}  // namespace sextant
