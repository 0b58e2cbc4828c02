#include "compute/exec/period_cache.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/table.h"
#include "compute/exec/period_reading.h"
#include "compute/exec/result_cache.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Periods and what they are charged with.
struct ChargedCalendar {
  std::shared_ptr<const PeriodCalendar> calendar;
  MemoryReservation bytes;
};

std::string KeyOf(const CatalogCalendar& calendar, const TenantScope& scope,
                  const absl::TimeZone& zone) {
  return absl::StrCat(calendar.name, "/", zone.name(), RowsKey(scope));
}

size_t BytesOf(const PeriodCalendar& calendar) {
  size_t num_bytes = calendar.borders_us.size() * sizeof(int64_t);
  for (const std::string& label : calendar.labels) num_bytes += sizeof(label) + label.size();
  return num_bytes;
}

}  // namespace

PeriodCache::PeriodCache(size_t keep_bytes, MemoryBudget& budget)
    : keep_bytes_(keep_bytes), budget_(budget) {}

absl::StatusOr<std::shared_ptr<const PeriodCalendar>> PeriodCache::Find(
    const CatalogCalendar& calendar, const TenantScope& scope, const absl::TimeZone& zone,
    QueryContext& query) {
  SEXTANT_RETURN_IF_ERROR(query.Check());
  Entry entry;
  entry.key = KeyOf(calendar, scope, zone);
  if (auto kept = Kept(entry.key)) return kept;
  auto charged = std::make_shared<ChargedCalendar>();
  {
    const QueryScope asked(query);
    SEXTANT_ASSIGN_OR_RETURN(charged->calendar, ReadPeriods(calendar, scope, zone, query.budget()));
  }
  charged->bytes = MemoryReservation(budget_);
  entry.num_bytes = sizeof(Entry) + 2 * entry.key.size() + BytesOf(*charged->calendar);
  SEXTANT_RETURN_IF_ERROR(charged->bytes.Resize(entry.num_bytes));
  entry.calendar = {charged, charged->calendar.get()};
  std::shared_ptr<const PeriodCalendar> found = entry.calendar;
  Keep(std::move(entry));
  return found;
}

std::shared_ptr<const PeriodCalendar> PeriodCache::Kept(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    ++stats_.misses;
    return nullptr;
  }
  ++stats_.hits;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->calendar;
}

void PeriodCache::Keep(Entry entry) {
  // What is dropped ends after the lock is given back.
  Entries dropped;
  const std::lock_guard lock(mutex_);
  if (entry.num_bytes > keep_bytes_ || by_key_.contains(entry.key)) return;
  num_bytes_ += entry.num_bytes;
  entries_.push_front(std::move(entry));
  by_key_.emplace(entries_.front().key, entries_.begin());
  while (num_bytes_ > keep_bytes_) {
    by_key_.erase(entries_.back().key);
    num_bytes_ -= entries_.back().num_bytes;
    dropped.splice(dropped.begin(), entries_, std::prev(entries_.end()));
  }
}

PeriodCacheStats PeriodCache::stats() const {
  const std::lock_guard lock(mutex_);
  PeriodCacheStats stats = stats_;
  stats.entries = entries_.size();
  return stats;
}

}  // namespace sextant
