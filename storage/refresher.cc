#include "storage/refresher.h"

#include <random>
#include <utility>

#include "storage/postgres_source.h"
#include "storage/refresh_loop.h"

namespace sextant {
namespace {

RefreshSchedule::Retry RetryOf(const RefresherOptions& options) {
  return {.min_us = options.retry_min_us,
          .max_us = options.retry_max_us,
          .seed = options.jitter_seed != 0 ? options.jitter_seed : std::random_device()()};
}

}  // namespace

struct Refresher::Impl {
  Impl(StorageSpec declared, TableCache& cache, MemoryBudget& budget,
       DeriverFactory deriver_factory, RefreshLoop::EventSink on_event, const Clock& clock,
       RefresherOptions given_options)
      : spec(std::move(declared)),
        make_deriver(std::move(deriver_factory)),
        options(given_options),
        environment{cache, budget, make_deriver, clock, options},
        loop(
            spec, cache,
            [this](const SourceSpec& source) { return ConnectToPostgres(source, environment); },
            std::move(on_event), clock, RetryOf(options)) {}

  const StorageSpec spec;
  const DeriverFactory make_deriver;
  const RefresherOptions options;
  const LoadEnvironment environment;
  RefreshLoop loop;
};

Refresher::Refresher(StorageSpec spec, TableCache& cache, MemoryBudget& budget,
                     DeriverFactory make_deriver, std::function<void(const LoadEvent&)> on_event,
                     const Clock& clock, RefresherOptions options)
    : impl_(std::make_unique<Impl>(std::move(spec), cache, budget, std::move(make_deriver),
                                   std::move(on_event), clock, options)) {}

Refresher::~Refresher() = default;

void Refresher::LinkWith(std::shared_ptr<const TableLinker> linker) {
  impl_->loop.LinkWith([this, linker = std::move(linker)](RefreshLoop::Tables tables) {
    return linker->Link(std::move(tables), impl_->environment.budget);
  });
}

void Refresher::Start() { impl_->loop.Start(); }

void Refresher::Stop() { impl_->loop.Stop(); }

absl::Status Refresher::RefreshNow(const std::string& dataset,
                                   std::function<void(absl::Status)> done) {
  return impl_->loop.RefreshNow(dataset, std::move(done));
}

absl::Status Refresher::Inspect(const std::vector<std::string>& datasets, Inspection inspection) {
  return impl_->loop.Inspect(datasets, std::move(inspection));
}

Refresher::Stats Refresher::stats() const { return impl_->loop.stats(); }

}  // namespace sextant
