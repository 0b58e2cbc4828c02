#include "tests/integration/load/load_fixture.h"

#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <thread>
#include <utility>

namespace sextant {
namespace {

constexpr int64_t kLongestRetryUs = 30'000'000;
constexpr char kSource[] = "warehouse";

}  // namespace

LoadFixture::LoadFixture(std::string conninfo) : conninfo_(std::move(conninfo)) {
  options_.chunk_rows = 100;
  options_.jitter_seed = 7;
}

LoadFixture::~LoadFixture() {
  refresher_.reset();
  cache_.reset();
}

DatasetSpec& LoadFixture::Declare(const std::string& name, const std::string& group) {
  DatasetSpec& dataset = spec_.datasets.emplace_back();
  dataset.name = name;
  dataset.source = kSource;
  dataset.table = name;
  dataset.group = group;
  return dataset;
}

void LoadFixture::Prepare() {
  spec_.sources = {{.name = kSource, .conninfo = conninfo_, .max_connections = max_connections_}};
  budget_ = std::make_unique<MemoryBudget>("cache", budget_bytes_);
  cache_ = std::make_unique<TableCache>(spec_);
  refresher_ = std::make_unique<Refresher>(
      spec_, *cache_, *budget_, make_deriver_,
      [this](const LoadEvent& event) {
        const std::lock_guard<std::mutex> lock(mutex_);
        events_.push_back(event);
      },
      clock_, options_);
}

void LoadFixture::StartLoads() {
  if (refresher_ == nullptr) Prepare();
  refresher_->Start();
  started_ = true;
}

std::future<absl::Status> LoadFixture::BeginLoad(const std::string& dataset) {
  if (refresher_ == nullptr) Prepare();
  auto promise = std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> result = promise->get_future();
  const absl::Status accepted = refresher_->RefreshNow(
      dataset, [promise](absl::Status status) { promise->set_value(std::move(status)); });
  EXPECT_TRUE(accepted.ok()) << accepted;
  // Asked before the start, the first load is the one that answers.
  if (!started_) StartLoads();
  return result;
}

absl::Status LoadFixture::Load(const std::string& dataset) { return BeginLoad(dataset).get(); }

void LoadFixture::AdvanceUntil(const std::function<bool()>& done) {
  while (!done()) {
    clock_.Advance(kLongestRetryUs);
    std::this_thread::yield();
  }
}

std::shared_ptr<const Table> LoadFixture::Pinned(const std::string& dataset) {
  auto table = cache_->Pin(dataset);
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? *table : nullptr;
}

std::vector<LoadEvent> LoadFixture::EventsOfKind(LoadEvent::Kind kind) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<LoadEvent> chosen;
  for (const LoadEvent& event : events_) {
    if (event.kind == kind) chosen.push_back(event);
  }
  return chosen;
}

void WithSession(const std::string& conninfo, const std::string& sql,
                 const std::function<void()>& during) {
  pqxx::connection connection(conninfo);
  pqxx::nontransaction transaction(connection);
  transaction.exec(sql);
  during();
}

// A session that holds the lock which gate() waits for.
class Gate::Holder {
 public:
  explicit Holder(const std::string& conninfo) : connection_(conninfo) {
    pqxx::nontransaction transaction(connection_);
    transaction.exec("SELECT pg_advisory_lock(42)");
  }

 private:
  pqxx::connection connection_;
};

Gate::Gate(const std::string& conninfo) : conninfo_(conninfo) {
  ExecuteSql(conninfo_,
             "CREATE OR REPLACE FUNCTION gate() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN "
             "PERFORM pg_advisory_lock_shared(42); "
             "PERFORM pg_advisory_unlock_shared(42); RETURN true; END $$");
  holder_ = std::make_unique<Holder>(conninfo_);
}

Gate::~Gate() = default;

void Gate::Open() { holder_.reset(); }

int Gate::AwaitArrival() {
  ExecuteSql(conninfo_,
             "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = "
             "'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database "
             "WHERE datname = current_database())) LOOP PERFORM pg_sleep(0.005); "
             "PERFORM pg_stat_clear_snapshot(); END LOOP; END $$");
  return std::stoi(ExecuteSqlScalar(
      conninfo_,
      "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
      "(SELECT oid FROM pg_database WHERE datname = current_database())"));
}

}  // namespace sextant
