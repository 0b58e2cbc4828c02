#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/refresher.h"
#include "storage/table_cache.h"
#include "tests/testing/manual_clock.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {

/// A database of the test's own in a real PostgreSQL, and a Refresher over it on a clock that the
/// test sets. The server's defaults are hostile: ICU collation, session zone America/St_Johns.
class LoadFixture : public ::testing::Test {
 protected:
  LoadFixture() : LoadFixture(PostgresCluster::Shared().CreateDatabase()) {}
  explicit LoadFixture(std::string conninfo);
  ~LoadFixture() override;

  void Execute(const std::string& sql) { ExecuteSql(conninfo_, sql); }
  std::string Scalar(const std::string& sql) { return ExecuteSqlScalar(conninfo_, sql); }

  /// A dataset of the table of the same name.
  DatasetSpec& Declare(const std::string& name, const std::string& group = "");

  /// Makes cache and refresher of what is declared; loads begin with Load or StartLoads.
  void Prepare();
  void StartLoads();
  /// Loads the dataset's group (all groups the first time) and waits for the end.
  absl::Status Load(const std::string& dataset);
  std::future<absl::Status> BeginLoad(const std::string& dataset);
  /// Lets time pass in steps of the longest retry until `done`.
  void AdvanceUntil(const std::function<bool()>& done);

  std::shared_ptr<const Table> Pinned(const std::string& dataset);
  std::vector<LoadEvent> EventsOfKind(LoadEvent::Kind kind) const;

  const std::string conninfo_;
  StorageSpec spec_;
  RefresherOptions options_;
  DeriverFactory make_deriver_;
  int max_connections_ = 2;
  size_t budget_bytes_ = MemoryBudget::kUnlimitedBytes;
  ManualClock clock_;
  std::unique_ptr<MemoryBudget> budget_;
  std::unique_ptr<TableCache> cache_;
  std::unique_ptr<Refresher> refresher_;

 private:
  bool started_ = false;
  mutable std::mutex mutex_;
  std::vector<LoadEvent> events_;
};

/// Runs `sql` on a session of its own, which lives until `during` has returned.
void WithSession(const std::string& conninfo, const std::string& sql,
                 const std::function<void()>& during);

/// A place in a load at which PostgreSQL stops sending: the dataset's `where` calls gate(), which
/// waits while a Gate is closed.
class Gate {
 public:
  /// Makes the function gate() in the database and closes the gate.
  explicit Gate(const std::string& conninfo);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void Open();
  /// Waits until a load stands before the gate; its backend's pid.
  int AwaitArrival();

 private:
  class Holder;
  const std::string conninfo_;
  std::unique_ptr<Holder> holder_;
};

}  // namespace sextant
