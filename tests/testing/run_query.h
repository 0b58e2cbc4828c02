#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"
#include "compute/exec/result.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/query.h"

namespace sextant {

/// A result read to its end, as text: a row is its values joined with '|', a missing one is "-".
/// Numbers are in shortest round-trip form, starts in microseconds.
struct ResultText {
  ResultHeader header;
  std::vector<std::string> rows;
  ResultSummary summary;
};

/// One value of a batch as text: see ResultText.
std::string ValueText(const ResultValues& values, uint32_t row);

/// Shortest round-trip form, or "NaN".
std::string FloatText(double value);
/// The integer when it fits in 64 bits, else both halves in hexadecimal.
std::string WideText(Wide wide);

/// Reads `cursor` in batches of about `target_bytes`.
absl::StatusOr<ResultText> ReadAll(ResultCursor& cursor, size_t target_bytes = 4096);

/// Binds `query` against `table` and runs it on this thread, without a tenant or as `claim`.
absl::StatusOr<ResultText> RunQuery(const Query& query, const std::shared_ptr<const Table>& table,
                                    const TenantClaim& claim = TenantClaim::None());
absl::StatusOr<ResultText> RunBound(const BoundQuery& query,
                                    const std::shared_ptr<const Table>& table,
                                    const TenantClaim& claim = TenantClaim::None());

/// `query`, bound; ends the test program when it does not bind.
BoundQuery BindOrDie(const Query& query, const Table& table);

}  // namespace sextant
