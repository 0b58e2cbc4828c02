#pragma once

#include <atomic>
#include <memory>

namespace sextant {

/// Makes `kept` the owner of `made` unless it has something already. Returns whether it did. How
/// indexes come to what is published, whoever builds them first; thread-safe.
template <typename T>
bool KeepFirst(std::atomic<const T*>& kept, std::unique_ptr<const T> made) {
  const T* none = nullptr;
  if (!kept.compare_exchange_strong(none, made.get(), std::memory_order_acq_rel)) return false;
  (void)made.release();
  return true;
}

}  // namespace sextant
