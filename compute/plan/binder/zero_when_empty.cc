#include "compute/plan/binder/zero_when_empty.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/aggregate_binder.h"
#include "compute/plan/binder/expression_binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

class OneName final : public NameScope {
 public:
  explicit OneName(TypedExpression value) : value_(std::move(value)) {}

  absl::StatusOr<TypedExpression> Resolve(const Expression& /*leaf*/,
                                          const std::string& /*field*/) const override {
    return value_;
  }

 private:
  const TypedExpression value_;
};

}  // namespace

absl::StatusOr<TypedExpression> ZeroWhenEmpty(const PredicateContext& cells, AggregateKind kind,
                                              TypedExpression sum, const std::string& field) {
  if (kind != AggregateKind::kSum && kind != AggregateKind::kBoolOr) {
    return FieldError(field, absl::StrCat("found 'zero' beside ", std::string(AggregateName(kind)),
                                          "; allowed: of one sum or one bool_or"));
  }
  const std::string_view text = kind == AggregateKind::kBoolOr ? "coalesce(a, false)"
                                : sum.Is(TypeKind::kDuration)  ? "coalesce(a, interval '0 seconds')"
                                                               : "coalesce(a, 0)";
  SEXTANT_ASSIGN_OR_RETURN(const Expression parsed, ParseValue(std::string(text), field));
  const OneName name(std::move(sum));
  PredicateContext context = cells;
  context.names = &name;
  return BindExpression(context, parsed, field);
}

}  // namespace sextant
