#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/cli/commands.h"
#include "sextant/v1/catalog_service.grpc.pb.h"
#include "sextant/v1/metric_service.grpc.pb.h"

namespace sextant {
namespace {

/// Knows the dataset `pulls` with a text and a list column.
class Catalogue final : public v1::CatalogService::Service {
 public:
  grpc::Status GetDataset(grpc::ServerContext*, const v1::GetDatasetRequest* request,
                          v1::GetDatasetResponse* response) override {
    if (request->name() != "pulls") return {grpc::StatusCode::NOT_FOUND, "no such dataset"};
    for (const auto& [name, type] : {std::pair("state", "text"), std::pair("labels", "text[]")}) {
      v1::DatasetColumn& column = *response->mutable_dataset()->add_columns();
      column.set_name(name);
      column.set_type(type);
    }
    return grpc::Status::OK;
  }
};

/// Keeps what it was asked and answers nothing.
class Metrics final : public v1::MetricService::Service {
 public:
  grpc::Status QueryMetrics(grpc::ServerContext*, const v1::QueryMetricsRequest* request,
                            grpc::ServerWriter<v1::QueryMetricsResponse>*) override {
    asked = *request;
    return grpc::Status::OK;
  }
  v1::QueryMetricsRequest asked;
};

v1::QueryMetricsRequest AskedFor(const std::string& dataset,
                                 const std::vector<std::string>& groups) {
  Catalogue catalogue;
  Metrics metrics;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&catalogue);
  builder.RegisterService(&metrics);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ConnectionFlags connection;
  connection.address = absl::StrCat("127.0.0.1:", port);
  QueryFlags flags;
  flags.dataset = dataset;
  flags.metrics = {"n = count(*)"};
  flags.groups = groups;
  std::ostringstream out;
  std::ostringstream errors;
  RunQuery(connection, flags, {}, out, errors);
  return metrics.asked;
}

TEST(ListGroupTest, AListColumnIsAskedForByItsElements) {
  const v1::QueryMetricsRequest asked = AskedFor("pulls", {"state", "labels"});
  ASSERT_EQ(asked.group_by_size(), 2);
  EXPECT_EQ(asked.group_by(0).column(), "state");
  EXPECT_EQ(asked.group_by(1).list_element(), "labels");
}

TEST(ListGroupTest, AnUnknownDatasetIsLeftToTheQuery) {
  const v1::QueryMetricsRequest asked = AskedFor("nothing", {"labels"});
  ASSERT_EQ(asked.group_by_size(), 1);
  EXPECT_EQ(asked.group_by(0).column(), "labels");
}

}  // namespace
}  // namespace sextant
