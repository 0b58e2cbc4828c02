#include "tests/oracle/shrink.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/oracle/histograms.h"
#include "tests/oracle/statistics.h"

namespace sextant::oracle {
namespace {

class Shrinker {
 public:
  Shrinker(TableCase& table, RequestCase& request, const Fails& fails, int max_attempts)
      : table_(table), request_(request), fails_(fails), attempts_left_(max_attempts) {}

  void Run() {
    ShrinkRows();
    bool is_smaller = true;
    while (is_smaller && attempts_left_ > 0) {
      is_smaller = ShrinkRequest();
      is_smaller = ShrinkFilter() || is_smaller;
    }
    ShrinkRows();
  }

 private:
  bool Try(TableCase table, RequestCase request) {
    if (attempts_left_-- <= 0 || !fails_(table, request)) return false;
    table_ = std::move(table);
    request_ = std::move(request);
    return true;
  }

  template <typename Change>
  bool TryRequest(Change change) {
    RequestCase request = request_;
    return change(request) && Try(table_, std::move(request));
  }

  /// Drops elements of a list of the request, but for `least` of them.
  template <typename List>
  bool DropFrom(List RequestCase::*list, size_t least) {
    bool any = false;
    for (size_t i = (request_.*list).size(); i > 0; --i) {
      any = TryRequest([&](RequestCase& request) {
              if ((request.*list).size() <= least) return false;
              (request.*list).erase((request.*list).begin() + static_cast<std::ptrdiff_t>(i - 1));
              return true;
            }) ||
            any;
    }
    return any;
  }

  /// What the product adds by itself is not dropped alone.
  bool HasAddedMetrics() const {
    return std::any_of(request_.metrics.begin(), request_.metrics.end(),
                       [](const MetricSpec& metric) { return metric.is_statistic; });
  }

  /// Of a request that compares each with what it was.
  bool DropMetrics() {
    if (!request_.compare) return DropFrom(&RequestCase::metrics, 1);
    bool any = false;
    for (size_t i = request_.metrics.size(); i > 0; i -= 2) {
      any = TryRequest([&](RequestCase& request) {
              if (request.metrics.size() <= 2) return false;
              const auto last = request.metrics.begin() + static_cast<std::ptrdiff_t>(i);
              request.metrics.erase(last - 2, last);
              return true;
            }) ||
            any;
    }
    return any;
  }

  bool ShrinkRequest() {
    bool any = TryRequest([](RequestCase& request) {
      if (!request.samples && !request.confidence) return false;
      DropStatistics(request);
      return true;
    });
    any = TryRequest([](RequestCase& request) { return DropHistograms(request); }) || any;
    any = DropFrom(&RequestCase::order_by, 0) || any;
    any = TryRequest([](RequestCase& request) {
            return std::exchange(request.limit, std::nullopt).has_value();
          }) ||
          any;
    any = TryRequest([](RequestCase& request) {
            return std::exchange(request.top_n, std::nullopt).has_value();
          }) ||
          any;
    any = DropFrom(&RequestCase::having, 0) || any;
    any = TryRequest([](RequestCase& request) {
            return std::exchange(request.totals, TotalsSpec::kNone) != TotalsSpec::kNone;
          }) ||
          any;
    any = TryRequest([](RequestCase& request) { return std::exchange(request.is_dense, false); }) ||
          any;
    // What refers to metrics and axes by position must be gone first.
    if (request_.order_by.empty() && request_.having.empty() && !request_.top_n) {
      if (!HasAddedMetrics()) any = DropMetrics() || any;
      any = DropFrom(&RequestCase::axes, request_.totals == TotalsSpec::kNone ? 0 : 1) || any;
    }
    any = DropFrom(&RequestCase::series, 1) || any;
    any = TryRequest([](RequestCase& request) {
            // Rolling intervals begin there.
            const bool is_needed =
                std::any_of(request.series.begin(), request.series.end(),
                            [](const SeriesSpec& series) { return series.is_rolling; });
            if (request.compare) return false;
            return !is_needed && std::exchange(request.from, std::nullopt).has_value();
          }) ||
          any;
    any = TryRequest([](RequestCase& request) {
            return !request.compare && std::exchange(request.to, std::nullopt).has_value();
          }) ||
          any;
    if (table_.deleted_ids.empty()) return any;
    TableCase table = table_;
    table.deleted_ids.clear();
    return Try(std::move(table), request_) || any;
  }

  /// Every node of a condition, by the path of its positions.
  static void Paths(const Expr& expr, std::vector<size_t>& path,
                    std::vector<std::vector<size_t>>& paths) {
    paths.push_back(path);
    for (size_t i = 0; i < expr.args.size(); ++i) {
      path.push_back(i);
      Paths(expr.args[i], path, paths);
      path.pop_back();
    }
  }

  bool ShrinkFilter() {
    if (request_.filter.empty()) return false;
    if (DropFrom(&RequestCase::filter, 0)) return true;
    std::vector<std::vector<size_t>> paths;
    std::vector<size_t> path;
    Paths(request_.filter[0], path, paths);
    for (const std::vector<size_t>& at : paths) {
      if (TryNode(at)) return true;
    }
    return false;
  }

  /// Puts a part of the node in its place, or leaves one of its arguments out.
  bool TryNode(const std::vector<size_t>& path) {
    Expr* node = &request_.filter[0];
    for (const size_t step : path) node = &node->args[step];
    const Expr original = *node;
    const auto with = [&](const Expr& replacement) {
      return TryRequest([&](RequestCase& request) {
        Expr* target = &request.filter[0];
        for (const size_t step : path) target = &target->args[step];
        *target = replacement;
        return true;
      });
    };
    // The condition of an exists_in() is one of another table.
    for (const Expr& arg : original.args) {
      if (original.op == Op::kExists) break;
      if (arg.type.kind == original.type.kind && arg.op != Op::kLiteral && with(arg)) return true;
    }
    const bool is_list = original.op == Op::kAnd || original.op == Op::kOr ||
                         original.op == Op::kIn || original.op == Op::kOverlaps ||
                         original.op == Op::kContains;
    for (size_t i = 1; is_list && original.args.size() > 2 && i < original.args.size(); ++i) {
      Expr fewer = original;
      fewer.args.erase(fewer.args.begin() + static_cast<std::ptrdiff_t>(i));
      if (with(fewer)) return true;
    }
    return false;
  }

  void ShrinkRows() {
    size_t step = std::max<size_t>(1, table_.rows.size() / 2);
    while (attempts_left_ > 0 && !table_.rows.empty()) {
      bool any = false;
      for (size_t begin = 0; begin < table_.rows.size() && attempts_left_ > 0;) {
        TableCase table = table_;
        const size_t end = std::min(begin + step, table.rows.size());
        table.rows.erase(table.rows.begin() + static_cast<std::ptrdiff_t>(begin),
                         table.rows.begin() + static_cast<std::ptrdiff_t>(end));
        const bool is_smaller = Try(std::move(table), request_);
        any = any || is_smaller;
        if (!is_smaller) begin = end;
      }
      if (step == 1 && !any) return;
      step = std::max<size_t>(1, step / 2);
    }
  }

  TableCase& table_;
  RequestCase& request_;
  const Fails& fails_;
  int attempts_left_;
};

}  // namespace

void Shrink(TableCase& table, RequestCase& request, const Fails& fails, int max_attempts) {
  Shrinker(table, request, fails, max_attempts).Run();
}

}  // namespace sextant::oracle
