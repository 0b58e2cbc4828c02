#include "service/wire/checksum.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>

namespace sextant {
namespace {

constexpr uint64_t kSeed = 20'261'122;

uint32_t Zlib(uint32_t so_far, std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(so_far, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string RandomBytes(size_t num_bytes) {
  std::mt19937_64 random(kSeed);
  std::string bytes;
  while (bytes.size() < num_bytes) bytes.push_back(static_cast<char>(random()));
  return bytes;
}

TEST(ChecksumTest, IsTheCheckValueOfTheStandard) { EXPECT_EQ(Crc32(0, "123456789"), 0xcbf43926); }

TEST(ChecksumTest, OfNothingIsWhatWasBefore) {
  EXPECT_EQ(Crc32(0, {}), 0u);
  EXPECT_EQ(Crc32(0x12345678, {}), 0x12345678u);
}

TEST(ChecksumTest, EveryLengthAtEveryAddressIsAsOfZlib) {
  const std::string bytes = RandomBytes(700);
  for (size_t begin = 0; begin < 17; ++begin) {
    for (size_t size = 0; begin + size <= bytes.size(); ++size) {
      const std::string_view part = std::string_view(bytes).substr(begin, size);
      const uint32_t so_far = size % 3 == 0 ? 0 : 0x9abcdef0 + static_cast<uint32_t>(size);
      ASSERT_EQ(Crc32(so_far, part), size == 0 ? so_far : Zlib(so_far, part))
          << begin << ", " << size << ", seed " << kSeed;
    }
  }
}

TEST(ChecksumTest, PartsOneAfterAnotherAreTheWhole) {
  const std::string bytes = RandomBytes(100'000);
  for (const size_t part : {1u, 63u, 64u, 65u, 4'096u, 99'999u}) {
    uint32_t checksum = 0;
    for (size_t begin = 0; begin < bytes.size(); begin += part) {
      checksum = Crc32(checksum, std::string_view(bytes).substr(begin, part));
    }
    EXPECT_EQ(checksum, Zlib(0, bytes)) << part;
  }
}

TEST(ChecksumTest, BytesOfOneValueAreAsOfZlib) {
  for (const int value : {0x00, 0x01, 0x80, 0xff}) {
    for (const size_t size : {64u, 128u, 1'000u, 65'536u}) {
      const std::string bytes(size, static_cast<char>(value));
      EXPECT_EQ(Crc32(0, bytes), Zlib(0, bytes)) << value << ", " << size;
    }
  }
}

}  // namespace
}  // namespace sextant
