#include "compute/memory/heap_bounds.h"

#include <malloc.h>

namespace sextant {

bool BoundHeaps() {
  const bool keeps = mallopt(M_TRIM_THRESHOLD, kHeapBoundBytes) == 1;
  const bool maps = mallopt(M_MMAP_THRESHOLD, kHeapBoundBytes) == 1;
  return keeps && maps;
}

}  // namespace sextant
