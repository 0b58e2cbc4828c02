#pragma once

#include <cstdint>
#include <span>

#include "compute/exec/result.h"
#include "service/wire/arrow_body.h"

namespace sextant {

/// How values of `type` travel. Text and enums get a dictionary of kUtf8.
ArrowKind ArrowKindOf(const DataType& type);

/// Adds a column; of a list its elements too, of which text has no dictionary. The text of what
/// travels as kUtf8 is that of the columns of the protobuf messages.
void AddArrowColumn(const ResultValues& values, ArrowBody& body);

/// Adds the codes of a column with a dictionary.
void AddArrowCodes(std::span<const int32_t> codes, std::span<const uint8_t> valid, ArrowBody& body);

}  // namespace sextant
