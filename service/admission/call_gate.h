#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace sextant {

/// Counts the calls that are under way, and lets no more in once it is closed: so that a server
/// that ends can wait for them before it touches their connections.
/// Thread-safety: all methods may be called from any thread. Outlives its entries.
class CallGate {
 public:
  /// One call; over when the entry is destroyed. Move-only.
  class Entry {
   public:
    explicit Entry(CallGate* gate) : gate_(gate) {}
    ~Entry() {
      if (gate_ != nullptr) gate_->Leave();
    }
    Entry(Entry&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Entry& operator=(Entry&&) = delete;

    /// False when the gate was closed before the call came.
    bool is_admitted() const { return gate_ != nullptr; }

   private:
    CallGate* gate_;
  };

  Entry Enter();
  /// Admits nobody any more. Returns how many calls are under way.
  int Close();
  /// Waits until no call is under way, at most `timeout`. Returns whether none is.
  bool AwaitEmpty(std::chrono::milliseconds timeout);

 private:
  void Leave();

  std::mutex mutex_;
  std::condition_variable emptied_;
  int num_calls_ = 0;       // guarded by mutex_
  bool is_closed_ = false;  // guarded by mutex_
};

}  // namespace sextant
