"""Planted violations of the direction of includes are found, and nothing else is."""

import unittest

import include_direction


def messages(path: str, include: str) -> list[str]:
    text = f"#pragma once\n\n#include {include}\n"
    return [str(finding) for finding in include_direction.check(path, text)]


class IncludeDirectionTest(unittest.TestCase):

    def assert_found(self, path: str, include: str, *words: str):
        found = messages(path, include)
        self.assertEqual(len(found), 1, f"{path} includes {include}: {found}")
        self.assertTrue(found[0].startswith(f"{path}:3: "), found[0])
        for word in words:
            self.assertIn(word, found[0])

    def assert_allowed(self, path: str, include: str):
        self.assertEqual(messages(path, include), [])

    def test_compute_does_not_know_storage(self):
        self.assert_found("compute/exec/worker_pool.h", '"storage/table_cache.h"',
                          "compute/exec must not know storage/table_cache.h")

    def test_memory_knows_nothing(self):
        self.assert_found("compute/memory/buffer.h", '"compute/column/table.h"', "nothing of ours")

    def test_plan_does_not_know_operators(self):
        self.assert_found("compute/plan/binder.cc", '"compute/operators/scan.h"')

    def test_kernels_do_not_know_the_plan(self):
        self.assert_found("compute/kernels/compare.h", '"compute/plan/query.h"')

    def test_storage_does_not_know_execution(self):
        self.assert_found("storage/table_loader.cc", '"compute/exec/query_executor.h"')

    def test_storage_does_not_know_the_service(self):
        self.assert_found("storage/postgres/session.cc", '"service/config.h"')

    def test_arrows_that_exist_are_allowed(self):
        self.assert_allowed("compute/column/table.h", '"compute/memory/buffer.h"')
        self.assert_allowed("compute/exec/query_executor.cc", '"compute/operators/scan.h"')
        self.assert_allowed("storage/table_loader.h", '"compute/plan/expression.h"')
        self.assert_allowed("service/server.cc", '"storage/table_cache.h"')
        self.assert_allowed("tests/compute/exec/worker_pool_test.cc", '"storage/table_cache.h"')

    def test_a_folder_may_include_itself(self):
        self.assert_allowed("compute/kernels/compare.cc", '"compute/kernels/compare.h"')

    def test_product_code_does_not_know_the_tests(self):
        self.assert_found("service/main.cc", '"tests/testing/manual_clock.h"')

    def test_postgres_clients_live_in_storage_postgres(self):
        self.assert_found("storage/table_loader.cc", "<libpq-fe.h>", "storage/postgres")
        self.assert_found("service/cli/draft.cc", "<pqxx/pqxx>", "libpqxx")
        self.assert_allowed("storage/postgres/copy_stream.cc", "<libpq-fe.h>")

    def test_generated_protobuf_lives_at_the_edge(self):
        self.assert_found("compute/plan/query.h", '"sextant/v1/query.pb.h"', "protobuf")
        self.assert_found("service/catalog/catalog.h", '"sextant/v1/query.pb.h"', "protobuf")
        self.assert_found("storage/refresher.cc", '"sextant/v1/admin_service.grpc.pb.h"', "gRPC")
        self.assert_allowed("service/translation/query.cc", '"sextant/v1/query.pb.h"')

    def test_prometheus_lives_in_instrumentation(self):
        self.assert_found("compute/exec/worker_pool.cc", "<prometheus/counter.h>")
        self.assert_allowed("service/instrumentation.cc", "<prometheus/counter.h>")

    def test_yaml_lives_in_catalog_and_config(self):
        self.assert_found("storage/dataset_spec.cc", "<yaml-cpp/yaml.h>")
        self.assert_allowed("service/catalog/yaml_reader.cc", "<yaml-cpp/yaml.h>")

    def test_pg_query_and_json_live_in_the_expression_parser(self):
        self.assert_found("compute/plan/binder.cc", "<pg_query.h>")
        self.assert_found("service/config.cc", "<nlohmann/json.hpp>")
        self.assert_allowed("compute/plan/expression_parser.cc", "<nlohmann/json.hpp>")

    def test_compute_is_closed_to_other_libraries(self):
        self.assert_found("compute/exec/worker_pool.cc", "<curl/curl.h>", "compute must not")
        self.assert_found("compute/column/table.cc", "<zlib.h>", "compute must not")
        for include in ("<vector>", '"absl/status/status.h"', "<re2/re2.h>", "<hwy/highway.h>",
                        "<sys/mman.h>"):
            self.assert_allowed("compute/kernels/x.cc", include)

    def test_includes_are_written_from_the_root(self):
        self.assert_found("service/main.cc", '"../storage/table_cache.h"', "from the root")
        self.assert_found("compute/memory/buffer.cc", '"check.h"')

    def test_a_comment_is_no_include(self):
        self.assertEqual(list(include_direction.check(
            "compute/memory/a.h", '// #include "service/config.h"\n')), [])


if __name__ == "__main__":
    unittest.main()
