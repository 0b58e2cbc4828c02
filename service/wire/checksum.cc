#include "service/wire/checksum.h"

#include <immintrin.h>
#include <zlib.h>

#include <cstddef>

namespace sextant {
namespace {

#define SEXTANT_CARRYLESS __attribute__((target("pclmul,sse4.1")))

constexpr size_t kLaneBytes = sizeof(__m128i);
constexpr size_t kNumLanes = 4;
constexpr size_t kStrideBytes = kNumLanes * kLaneBytes;

// The algorithm is that of Intel's white paper "Fast CRC Computation for Generic Polynomials Using
// PCLMULQDQ Instruction", its constants those for bits in reverse order: powers of x modulo the
// polynomial P, by how many bits a lane is moved.
constexpr int64_t kMove4Lanes[] = {0x1'5444'2bd4, 0x1'c6e4'1596};  // x^(512+32), x^(512-32)
constexpr int64_t kMove1Lane[] = {0x1'7519'97d0, 0x0'ccaa'009e};   // x^(128+32), x^(128-32)
constexpr int64_t kMove64Bits = 0x1'63cd'6124;                     // x^64
constexpr int64_t kReduction[] = {0x1'db71'0641, 0x1'f701'1641};   // P, floor(x^64 / P)

__m128i Load(const char* bytes) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)); }

/// `lane`, moved by what `powers` stand for, and the bytes that are there.
SEXTANT_CARRYLESS inline __m128i Fold(__m128i lane, __m128i powers, __m128i bytes) {
  const __m128i low = _mm_clmulepi64_si128(lane, powers, 0x00);
  const __m128i high = _mm_clmulepi64_si128(lane, powers, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), bytes);
}

/// The remainder of 128 bits.
SEXTANT_CARRYLESS inline uint32_t Reduce(__m128i lane, __m128i powers) {
  const __m128i even_words = _mm_setr_epi32(~0, 0, ~0, 0);
  // To 64 bits, ..
  lane = _mm_xor_si128(_mm_srli_si128(lane, 8), _mm_clmulepi64_si128(lane, powers, 0x10));
  const __m128i moved =
      _mm_clmulepi64_si128(_mm_and_si128(lane, even_words), _mm_set_epi64x(0, kMove64Bits), 0x00);
  lane = _mm_xor_si128(_mm_srli_si128(lane, 4), moved);
  // .. and by Barrett to 32.
  const __m128i reduction = _mm_set_epi64x(kReduction[1], kReduction[0]);
  __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(lane, even_words), reduction, 0x10);
  quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, even_words), reduction, 0x00);
  return static_cast<uint32_t>(_mm_extract_epi32(_mm_xor_si128(lane, quotient), 1));
}

/// REQUIRES: at least kStrideBytes, whole lanes.
SEXTANT_CARRYLESS uint32_t CarrylessCrc32(uint32_t so_far, std::string_view bytes) {
  __m128i lanes[kNumLanes];
  const char* next = bytes.data();
  const char* const end = next + bytes.size();
  for (__m128i& lane : lanes) lane = Load(next + kLaneBytes * static_cast<size_t>(&lane - lanes));
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128(static_cast<int>(~so_far)));
  next += kStrideBytes;
  __m128i powers = _mm_set_epi64x(kMove4Lanes[1], kMove4Lanes[0]);
  for (; static_cast<size_t>(end - next) >= kStrideBytes; next += kStrideBytes) {
    for (size_t i = 0; i < kNumLanes; ++i) {
      lanes[i] = Fold(lanes[i], powers, Load(next + kLaneBytes * i));
    }
  }
  powers = _mm_set_epi64x(kMove1Lane[1], kMove1Lane[0]);
  __m128i all = lanes[0];
  for (size_t i = 1; i < kNumLanes; ++i) all = Fold(all, powers, lanes[i]);
  for (; next < end; next += kLaneBytes) all = Fold(all, powers, Load(next));
  return ~Reduce(all, powers);
}

uint32_t ZlibCrc32(uint32_t so_far, std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(so_far, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

#undef SEXTANT_CARRYLESS

}  // namespace

uint32_t Crc32(uint32_t so_far, std::string_view bytes) {
  static const bool is_quick = __builtin_cpu_supports("pclmul") != 0;
  if (bytes.empty()) return so_far;  // of a null pointer zlib makes 0
  if (!is_quick || bytes.size() < kStrideBytes) return ZlibCrc32(so_far, bytes);
  const size_t num_whole_bytes = bytes.size() - bytes.size() % kLaneBytes;
  const uint32_t whole = CarrylessCrc32(so_far, bytes.substr(0, num_whole_bytes));
  return num_whole_bytes == bytes.size() ? whole : ZlibCrc32(whole, bytes.substr(num_whole_bytes));
}

}  // namespace sextant
