#include "service/admission/call_gate.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace sextant {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(CallGateTest, AnOpenGateAdmits) {
  CallGate gate;
  EXPECT_TRUE(gate.Enter().is_admitted());
}

TEST(CallGateTest, AClosedGateRefuses) {
  CallGate gate;
  gate.Close();
  EXPECT_FALSE(gate.Enter().is_admitted());
}

TEST(CallGateTest, ARefusedCallIsNotWaitedFor) {
  CallGate gate;
  gate.Close();
  const CallGate::Entry refused = gate.Enter();
  EXPECT_TRUE(gate.AwaitEmpty(hours(1)));
}

TEST(CallGateTest, ClosingTellsHowManyCallsAreUnderWay) {
  CallGate gate;
  const CallGate::Entry first = gate.Enter();
  const CallGate::Entry second = gate.Enter();
  EXPECT_EQ(gate.Close(), 2);
}

TEST(CallGateTest, WaitingEndsInTimeWhenACallDoesNot) {
  CallGate gate;
  const CallGate::Entry call = gate.Enter();
  EXPECT_FALSE(gate.AwaitEmpty(milliseconds(1)));
}

TEST(CallGateTest, AMovedEntryCountsOnce) {
  CallGate gate;
  std::optional<CallGate::Entry> call(gate.Enter());
  { const CallGate::Entry moved = *std::move(call); }
  call.reset();
  EXPECT_EQ(gate.Close(), 0);
}

TEST(CallGateTest, WaitingEndsWithTheLastOfManyCalls) {
  CallGate gate;
  std::vector<CallGate::Entry> calls;
  for (int i = 0; i < 8; ++i) calls.push_back(gate.Enter());
  std::vector<std::thread> threads;
  for (CallGate::Entry& call : calls) {
    threads.emplace_back([ended = std::move(call)] {});
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
  EXPECT_TRUE(gate.AwaitEmpty(hours(1)));
}

}  // namespace
}  // namespace sextant
