#pragma once

#include <cstdint>
#include <string_view>

namespace sextant {

/// The CRC-32 (IEEE 802.3, as zlib's crc32) of what `so_far` is the checksum of, followed by
/// `bytes`; that of nothing is 0. Five times as fast as zlib where the processor multiplies without
/// carry (PCLMULQDQ). Thread-safe.
uint32_t Crc32(uint32_t so_far, std::string_view bytes);

}  // namespace sextant
