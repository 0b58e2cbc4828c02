#include "compute/memory/heap_bounds.h"

#include <malloc.h>

namespace sextant {

void BoundHeaps() {
  mallopt(M_TRIM_THRESHOLD, kHeapBoundBytes);
  mallopt(M_MMAP_THRESHOLD, kHeapBoundBytes);
}

}  // namespace sextant
