#include "service/rpc/dimension_values_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"
#include "service/rpc/error_details.h"
#include "service/verification/answer_text.h"

namespace sextant {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;
constexpr size_t kBatchBytes = 1 << 20;
constexpr char kCount[] = "row_count";

int PageSize(const v1::ListDimensionValuesRequest& request) {
  return request.page_size() == 0 ? kDefaultPageSize : request.page_size();
}

/// Before the value in a page token: that of the empty text must not be empty, which is the token
/// of the last page.
constexpr char kTokenMark = '=';

std::string TokenOf(const std::string& value) {
  return absl::StrCat(std::string(1, kTokenMark), value);
}

/// What comes after `value`; NULL is last, and has no token.
v1::Filter After(const std::string& dimension, const std::string& value) {
  v1::Filter filter;
  v1::Comparison& greater = *filter.mutable_any_of()->add_filters()->mutable_comparison();
  greater.mutable_operand()->set_column(dimension);
  greater.set_operator_(v1::Comparison::OPERATOR_GREATER);
  greater.mutable_value()->set_string_value(value);
  filter.mutable_any_of()->add_filters()->mutable_is_null()->set_column(dimension);
  return filter;
}

}  // namespace

grpc::ServerUnaryReactor* DimensionValuesCall::Begin(const QueryServices& services,
                                                     grpc::CallbackServerContext& context,
                                                     const v1::ListDimensionValuesRequest& request,
                                                     v1::ListDimensionValuesResponse& response) {
  const auto call = std::make_shared<DimensionValuesCall>(services, context, request, response);
  call->self_ = call;
  call->QueryCall::Begin(grpc::ByteBuffer());
  return call.get();
}

DimensionValuesCall::DimensionValuesCall(const QueryServices& services,
                                         grpc::CallbackServerContext& context,
                                         const v1::ListDimensionValuesRequest& request,
                                         v1::ListDimensionValuesResponse& response)
    : QueryCall(services, RpcMethod::kListDimensionValues, context),
      request_(request),
      response_(response) {}

absl::StatusOr<const v1::QueryMetricsRequest*> DimensionValuesCall::Parse(
    grpc::ByteBuffer&, google::protobuf::Arena& arena) {
  if (request_.dataset().empty()) return FieldError("dataset", "found nothing, allowed: a dataset");
  if (request_.dimension().empty()) {
    return FieldError("dimension", "found nothing, allowed: a column or a dimension");
  }
  if (request_.page_size() < 0 || request_.page_size() > kMaxPageSize) {
    return FieldError("page_size", absl::StrCat("found ", request_.page_size(), ", allowed: 0 to ",
                                                kMaxPageSize));
  }
  auto& query = *google::protobuf::Arena::CreateMessage<v1::QueryMetricsRequest>(&arena);
  v1::MetricDefinition& count = *query.add_metrics()->mutable_definition();
  count.set_name(request_.dimension() == kCount ? "rows" : kCount);
  count.set_dataset(request_.dataset());
  count.set_expression("count(*)");
  query.add_group_by()->set_column(request_.dimension());
  query.set_where(request_.where());
  // One more than the page tells whether there is another.
  query.set_limit(PageSize(request_) + 1);
  const std::string& token = request_.page_token();
  if (!token.empty() && token.front() != kTokenMark) {
    return FieldError("page_token",
                      "found another text, allowed: a next_page_token, as it was given");
  }
  if (!token.empty()) *query.mutable_having() = After(request_.dimension(), token.substr(1));
  return &query;
}

void DimensionValuesCall::OnResult(absl::StatusOr<std::unique_ptr<ResultCursor>> result) {
  absl::Status status = result.status();
  if (status.ok()) {
    SetStage(CancelStage::kWriting);
    CountResult(SummaryOf(**result));
    status = Fill(**result);
  }
  if (!status.ok()) return Finish(ToGrpcStatus(ForCaller(status)));
  metrics().MessageSent(response_.ByteSizeLong());
  metrics().SetCode(0);
  Finish(grpc::Status::OK);
}

absl::Status DimensionValuesCall::Fill(ResultCursor& cursor) {
  bool has_more = false;
  for (;;) {
    SEXTANT_ASSIGN_OR_RETURN(const std::optional<ResultBatch> batch, cursor.Next(kBatchBytes));
    if (!batch) break;
    for (uint32_t row = 0; row < batch->num_rows; ++row) {
      has_more = response_.values_size() == PageSize(request_);
      if (has_more) break;
      v1::DimensionValue& value = *response_.add_values();
      const std::optional<std::string> text = TextOfResult(batch->columns[0], row);
      value.set_value(text.value_or(""));
      value.set_is_null(!text.has_value());
      value.set_row_count(std::get<std::vector<int64_t>>(batch->columns[1].values)[row]);
    }
  }
  if (has_more) response_.set_next_page_token(TokenOf(response_.values().rbegin()->value()));
  return absl::OkStatus();
}

}  // namespace sextant
