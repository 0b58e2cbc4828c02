#include "service/rpc/library_log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <atomic>

namespace sextant {
namespace {

std::atomic<const Log*> g_log{nullptr};

void LogGrpcError(gpr_log_func_args* args) {
  const Log* log = g_log.load(std::memory_order_acquire);
  if (log != nullptr) log->Warning("gRPC reports", {{"text", args->message}});
}

}  // namespace

void SendLibraryLogTo(const Log& log) {
  g_log.store(&log, std::memory_order_release);
  gpr_set_log_function(LogGrpcError);
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace sextant
