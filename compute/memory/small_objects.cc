#include "compute/memory/small_objects.h"

#include <malloc.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SEXTANT_KEEPS_OBJECTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SEXTANT_KEEPS_OBJECTS 0
#endif
#endif
#ifndef SEXTANT_KEEPS_OBJECTS
#define SEXTANT_KEEPS_OBJECTS 1
#endif

namespace sextant {
namespace {

/// malloc gives 16 n + 8 bytes: those are the classes.
constexpr size_t kBytesPerClass = 16;
constexpr size_t ClassOf(size_t size_bytes) { return (size_bytes + 7) / kBytesPerClass; }
constexpr size_t BytesOf(size_t object_class) { return object_class * kBytesPerClass + 8; }
constexpr size_t kNumClasses = ClassOf(kMaxKeptObjectBytes) + 1;
static_assert(BytesOf(kNumClasses - 1) == kMaxKeptObjectBytes);

/// How many of a class are kept: most of the small ones, of which there are most.
constexpr uint8_t MostOf(size_t object_class) {
  constexpr size_t kMostBytes = size_t{12} << 10;
  constexpr size_t kMost = 128;
  const size_t most = kMostBytes / BytesOf(object_class);
  return static_cast<uint8_t>(most < kMost ? most : kMost);
}
static_assert([] {
  size_t most_bytes = 0;
  for (size_t i = 0; i < kNumClasses; ++i) most_bytes += MostOf(i) * BytesOf(i);
  return most_bytes <= kMaxKeptObjectsBytes;
}());

/// Memory of an object that has ended.
struct KeptObject {
  KeptObject* next;
};

/// What one thread keeps. Needs no construction, so that finding it costs no test.
struct KeptObjects {
  std::array<KeptObject*, kNumClasses> first;
  /// How many more of a class may be kept. 0 before the thread has asked for any, and at its end.
  std::array<uint8_t, kNumClasses> num_free;
  bool has_begun;
  bool has_ended;

  void Begin();
  void End();
};

[[gnu::tls_model("initial-exec")]] constinit thread_local KeptObjects t_kept = {};

struct EndOfThread {
  ~EndOfThread() { t_kept.End(); }
};

void KeptObjects::Begin() {
  if (has_begun || has_ended) return;
  has_begun = true;
  static thread_local EndOfThread end;
  (void)end;
  for (size_t i = 0; i < kNumClasses; ++i) num_free[i] = MostOf(i);
}

void KeptObjects::End() {
  has_ended = true;
  num_free = {};
  for (KeptObject*& object : first) {
    while (object != nullptr) std::free(std::exchange(object, object->next));
  }
}

}  // namespace

namespace {

[[gnu::noinline]] void* NewFromSystem(size_t size_bytes) {
  const size_t wanted =
      size_bytes <= kMaxKeptObjectBytes ? BytesOf(ClassOf(size_bytes)) : size_bytes;
  while (true) {
    if (void* const memory = std::malloc(wanted)) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

[[gnu::noinline]] void FreeOrBegin(void* memory) {
  t_kept.Begin();
  std::free(memory);
}

[[maybe_unused]] inline void* TakeObject(size_t size_bytes) {
  if (size_bytes > kMaxKeptObjectBytes) return NewFromSystem(size_bytes);
  const size_t own = ClassOf(size_bytes);
  KeptObject* const object = t_kept.first[own];
  if (object == nullptr) return NewFromSystem(size_bytes);
  t_kept.first[own] = object->next;
  ++t_kept.num_free[own];
  return object;
}

[[maybe_unused]] inline void KeepObject(void* memory, size_t size_bytes) {
  if (memory == nullptr) return;
  if (size_bytes > kMaxKeptObjectBytes) return std::free(memory);
  const size_t own = ClassOf(size_bytes);
#ifndef NDEBUG
  if (malloc_usable_size(memory) < BytesOf(own)) std::abort();  // ended as larger than it was made
#endif
  if (t_kept.num_free[own] == 0) return FreeOrBegin(memory);
  --t_kept.num_free[own];
  t_kept.first[own] = new (memory) KeptObject{t_kept.first[own]};
}

}  // namespace

size_t KeptObjectBytesOfThisThread() {
  if (!t_kept.has_begun || t_kept.has_ended) return 0;
  size_t bytes = 0;
  for (size_t i = 0; i < kNumClasses; ++i) {
    bytes += size_t{MostOf(i)} * BytesOf(i) - t_kept.num_free[i] * BytesOf(i);
  }
  return bytes;
}

}  // namespace sextant

#if SEXTANT_KEEPS_OBJECTS
// The forms for arrays, and those that do not throw, go by these.
void* operator new(size_t size_bytes) { return sextant::TakeObject(size_bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t size_bytes) noexcept {
  sextant::KeepObject(memory, size_bytes);
}
#endif
