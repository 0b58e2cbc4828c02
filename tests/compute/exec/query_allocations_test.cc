// A repeated query asks the system for little memory: counted here for every `new` and every
// aligned block of the thread, which a program of its own can replace.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "compute/exec/query_executor.h"
#include "compute/memory/free_blocks.h"
#include "compute/plan/binder.h"
#include "tests/testing/table_of.h"

namespace {

struct Counts {
  int num_objects = 0;  // operator new
  int num_blocks = 0;   // aligned_alloc
};
constinit thread_local Counts t_counts;

}  // namespace

// A sanitizer has operators and blocks of its own, which are left to it: then nothing is counted.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SEXTANT_COUNTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SEXTANT_COUNTS 0
#endif
#endif
#ifndef SEXTANT_COUNTS
#define SEXTANT_COUNTS 1
#endif

#if SEXTANT_COUNTS
// Not inlined: the compiler would take malloc and delete for a mismatch.
[[gnu::noinline]] void* operator new(size_t size) {
  ++t_counts.num_objects;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

extern "C" void* aligned_alloc(size_t alignment, size_t size) {
  ++t_counts.num_blocks;
  void* memory = nullptr;
  return posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}
#endif

namespace sextant {
namespace {

constexpr int kWarmUpRuns = 20;
constexpr int kMaxBindObjects = 10;
constexpr int kMaxRunObjects = 40;
constexpr int kMaxDrainObjects = 6;
// With an axis more, and ten texts.
constexpr int kMaxGroupRunObjects = 60;
constexpr int kMaxGroupDrainObjects = 12;

/// A thousand rows of a number, a code and a text of few values.
std::shared_ptr<const Table> Rows() {
  std::vector<Cell> numbers;
  std::vector<Cell> codes;
  std::vector<Cell> texts;
  for (int64_t row = 0; row < 1000; ++row) {
    numbers.push_back(Int(row * 7 % 1000));
    codes.push_back(Int(row % 40));
    texts.push_back(Text("text" + std::to_string(row % 10)));
  }
  return TableOf({{"size", DataType::Of(TypeKind::kInt64), numbers},
                  {"code", DataType::Of(TypeKind::kInt32), codes},
                  {"name", DataType::Of(TypeKind::kText), texts}});
}

Literal Number(const char* text) {
  Literal literal;
  literal.kind = Literal::Kind::kInteger;
  literal.text = text;
  return literal;
}

Predicate Compared(const char* column, CompareOp op, const char* number) {
  Predicate leaf;
  leaf.kind = Predicate::Kind::kCompare;
  leaf.value = Expression::Column(column);
  leaf.op = op;
  leaf.literals.push_back(Number(number));
  return leaf;
}

/// Two aggregates of the rows that two conditions keep.
Query FilteredSum() {
  Query query;
  query.metrics.push_back({.name = "n", .dataset = "d", .expression = "count(*)"});
  query.metrics.push_back({.name = "s", .dataset = "d", .expression = "sum(size)"});
  Predicate both;
  both.children.push_back(Compared("code", CompareOp::kGreaterOrEqual, "11"));
  both.children.push_back(Compared("size", CompareOp::kLess, "900"));
  query.filter = std::move(both);
  return query;
}

Query SumByText() {
  Query query;
  query.metrics.push_back({.name = "s", .dataset = "d", .expression = "sum(size)"});
  query.metrics.push_back({.name = "n", .dataset = "d", .expression = "count(*)"});
  query.group_by.push_back(GroupAxis::Of("name"));
  return query;
}

struct Spent {
  Counts bind;
  Counts run;    // to the finished result, which goes on existing
  Counts drain;  // its batches
};

Counts Since(const Counts& before) {
  return {t_counts.num_objects - before.num_objects, t_counts.num_blocks - before.num_blocks};
}

Spent RunOnce(const Query& query, const std::shared_ptr<const Table>& table, MemoryBudget& budget) {
  Spent spent;
  const Counts at_start = t_counts;
  const BoundQuery bound = *Bind(query, table->shared_schema(), 0, QueryLimits());
  spent.bind = Since(at_start);
  const TenantScope scope = *TenantScope::Resolve(table, TenantClaim::None());
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive, &budget,
                       MemoryBudget::kUnlimitedBytes);
  const Counts at_run = t_counts;
  const std::unique_ptr<ResultCursor> cursor = *QueryExecutor::Run(context, bound, scope);
  spent.run = Since(at_run);
  const Counts at_drain = t_counts;
  while (*cursor->Next(1 << 16)) {
  }
  spent.drain = Since(at_drain);
  return spent;
}

Spent RunOften(const Query& query) {
  MemoryBudget budget("queries");
  const std::shared_ptr<const Table> table = Rows();
  for (int run = 0; run < kWarmUpRuns; ++run) RunOnce(query, table, budget);
  const Spent spent = RunOnce(query, table, budget);
  const Spent again = RunOnce(query, table, budget);
  EXPECT_EQ(again.bind.num_objects, spent.bind.num_objects);
  EXPECT_EQ(again.run.num_objects, spent.run.num_objects);
  EXPECT_EQ(again.drain.num_objects, spent.drain.num_objects);
  return spent;
}

/// Where a sanitizer wants all memory back, blocks are not kept.
void ExpectNoBlocks(const Spent& spent) {
  if (FreeBlockBytesOfThisThread() == 0) return;
  EXPECT_EQ(spent.bind.num_blocks + spent.run.num_blocks + spent.drain.num_blocks, 0);
}

// What remains are objects of the plan, one for each node, metric and column of the result: their
// number grows with the query, never with the rows.

TEST(QueryAllocationsTest, ARepeatedFilteredSumTakesFewObjectsAndNoBlocks) {
  const Spent spent = RunOften(FilteredSum());
  EXPECT_LE(spent.bind.num_objects, kMaxBindObjects);
  EXPECT_LE(spent.run.num_objects, kMaxRunObjects);
  EXPECT_LE(spent.drain.num_objects, kMaxDrainObjects);
  ExpectNoBlocks(spent);
}

TEST(QueryAllocationsTest, ARepeatedGroupByTextTakesFewObjectsAndNoBlocks) {
  const Spent spent = RunOften(SumByText());
  EXPECT_LE(spent.bind.num_objects, kMaxBindObjects);
  EXPECT_LE(spent.run.num_objects, kMaxGroupRunObjects);
  EXPECT_LE(spent.drain.num_objects, kMaxGroupDrainObjects);
  ExpectNoBlocks(spent);
}

}  // namespace
}  // namespace sextant
