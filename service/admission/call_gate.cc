#include "service/admission/call_gate.h"

#include "compute/memory/check.h"

namespace sextant {

CallGate::Entry CallGate::Enter() {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return Entry(nullptr);
  ++num_calls_;
  return Entry(this);
}

int CallGate::Close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  return num_calls_;
}

bool CallGate::AwaitEmpty(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, timeout, [this] { return num_calls_ == 0; });
}

void CallGate::Leave() {
  const std::lock_guard lock(mutex_);
  SEXTANT_CHECK(num_calls_ > 0);
  if (--num_calls_ == 0) emptied_.notify_all();
}

}  // namespace sextant
