#include "compute/memory/small_objects.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace sextant {
namespace {

void EndObject(void* object, size_t size_bytes) { ::operator delete(object, size_bytes); }

// Where a sanitizer wants everything back, nothing is kept.
bool KeepsObjects() {
  EndObject(::operator new(64), 64);
  EndObject(::operator new(64), 64);  // the first of a thread may only begin it
  return KeptObjectBytesOfThisThread() > 0;
}

TEST(SmallObjectsTest, AnObjectIsAlignedAndMayBeWrittenToItsEnd) {
  for (size_t size_bytes = 1; size_bytes <= kMaxKeptObjectBytes + 100; ++size_bytes) {
    for (int round = 0; round < 3; ++round) {
      void* const object = ::operator new(size_bytes);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(object) % __STDCPP_DEFAULT_NEW_ALIGNMENT__, 0u);
      std::memset(object, 7, size_bytes);
      EndObject(object, size_bytes);
    }
  }
}

TEST(SmallObjectsTest, TheNextObjectOfASizeIsWhereTheLastOneEnded) {
  if (!KeepsObjects()) return;
  for (const size_t size_bytes : {size_t{1}, size_t{24}, size_t{25}, size_t{300}, size_t{2040}}) {
    void* const object = ::operator new(size_bytes);
    EndObject(object, size_bytes);
    void* const again = ::operator new(size_bytes);
    EXPECT_EQ(again, object) << size_bytes;
    EndObject(again, size_bytes);
  }
}

TEST(SmallObjectsTest, ObjectsInUseAreDistinct) {
  std::vector<std::unique_ptr<std::array<uint8_t, 96>>> objects;
  for (int round = 0; round < 2; ++round) {
    for (uint8_t i = 0; i < 200; ++i) {
      objects.push_back(std::make_unique<std::array<uint8_t, 96>>());
      objects.back()->fill(i);
    }
    for (uint8_t i = 0; i < 200; ++i) {
      for (const uint8_t byte : *objects[i]) ASSERT_EQ(byte, i);
    }
    objects.clear();
  }
}

TEST(SmallObjectsTest, NoMoreIsKeptThanTheLimit) {
  std::vector<void*> objects;
  for (size_t size_bytes = 8; size_bytes <= kMaxKeptObjectBytes; size_bytes += 16) {
    for (int i = 0; i < 300; ++i) objects.push_back(::operator new(size_bytes));
  }
  for (size_t i = 0; i < objects.size(); ++i) EndObject(objects[i], 8 + i / 300 * 16);
  EXPECT_LE(KeptObjectBytesOfThisThread(), kMaxKeptObjectsBytes);
}

TEST(SmallObjectsTest, AnotherThreadMayEndAnObject) {
  void* const object = ::operator new(48);
  std::thread([object] {
    EndObject(object, 48);
    void* const own = ::operator new(48);
    std::memset(own, 1, 48);
    EndObject(own, 48);
  }).join();
}

TEST(SmallObjectsTest, AnObjectMayEndWithoutItsSize) {
  for (int i = 0; i < 100; ++i) ::operator delete(::operator new(48));
}

TEST(SmallObjectsTest, NoMemoryIsAnException) {
  if (!KeepsObjects()) return;  // a sanitizer ends the program
  EXPECT_THROW(EndObject(::operator new (size_t{1} << 62), size_t{1} << 62), std::bad_alloc);
  EXPECT_EQ(::operator new (size_t{1} << 62, std::nothrow), nullptr);
}

}  // namespace
}  // namespace sextant
