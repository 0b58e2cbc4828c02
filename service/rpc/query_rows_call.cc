#include "service/rpc/query_rows_call.h"

#include <utility>
#include <vector>

#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/rows_query.h"
#include "service/translation/query_from_proto.h"
#include "service/translation/rows_from_proto.h"

namespace sextant {

absl::StatusOr<const v1::QueryMetricsRequest*> QueryRowsCall::Parse(
    grpc::ByteBuffer& message, google::protobuf::Arena& arena) {
  auto* const request = google::protobuf::Arena::CreateMessage<v1::QueryRowsRequest>(&arena);
  SEXTANT_RETURN_IF_ERROR(ParseMessage(message, *request));
  asked_ = request;
  return TakeQueryOfCell(*request);
}

absl::Status QueryRowsCall::Start(const v1::QueryMetricsRequest& request, const Query& query) {
  SEXTANT_ASSIGN_OR_RETURN(const RowsQuery rows, RowsFromProto(*asked_));
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           TablesOf(query, services().catalog));
  SEXTANT_ASSIGN_OR_RETURN(const auto tables, services().cache.Pin(names));
  SEXTANT_ASSIGN_OR_RETURN(PreparedQuery prepared,
                           PrepareQuery(query, tables, AskerWith(context()), services().limits));
  SEXTANT_RETURN_IF_ERROR(CheckAxes(request, prepared.bound));
  SEXTANT_ASSIGN_OR_RETURN(BoundRowsQuery bound, BindRows(rows, prepared.bound, prepared.as_of_us,
                                                          services().rows_limits));
  SetStage(CancelStage::kRunning);
  services().executor.SubmitRows(
      shared_context(), std::move(bound), std::move(prepared.scopes),
      [self = std::static_pointer_cast<QueryRowsCall>(shared_from_this())](
          absl::StatusOr<std::unique_ptr<ResultCursor>> result) {
        self->OnResult(std::move(result));
      });
  return absl::OkStatus();
}

}  // namespace sextant
