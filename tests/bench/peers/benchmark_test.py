"""What `run` refuses before it measures, and what it compares results with."""

import contextlib
import dataclasses
import io
import json
import os
import tempfile
import unittest

import benchmark
import engines
import scaling
import table


def refusal(*flags: str) -> str:
    """What is said of flags that are refused."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            benchmark.arguments_of("", list(flags))
    except SystemExit as end:
        return f"{end.code}: {said.getvalue()}"
    return ""


class FlagsTest(unittest.TestCase):
    def test_every_workload_is_taken(self):
        for workload in "ACDES":
            self.assertEqual(refusal("--workload", workload), "")

    def test_another_workload_is_refused(self):
        self.assertIn("2: ", refusal("--workload", "B"))

    def test_a_peer_that_is_none_is_refused_with_those_that_are(self):
        self.assertIn("found 'duck', allowed: duckdb, chdb, polars or none",
                      refusal("--workload", "C", "--peers", "polars,duck"))

    def test_scaling_of_few_rows_is_refused(self):
        self.assertIn("--scaling: found --workload E, allowed: A, C", refusal("--workload", "E", "--scaling"))

    def test_no_peers_are_a_choice(self):
        self.assertEqual(benchmark.arguments_of("", ["--workload", "C", "--peers", "none"]).peers, [])

    def test_numbers_below_one_are_refused(self):
        for flag in ("--threads", "--rows", "--runs", "--seconds"):
            for number in ("0", "-1", "many"):
                self.assertIn(f"{flag}: found", refusal("--workload", "C", f"{flag}={number}"))

    def test_rows_of_e_are_refused(self):
        self.assertIn("--rows: found --workload E", refusal("--workload", "E", "--rows", "50"))

    def test_growth_is_of_c_alone(self):
        self.assertEqual(refusal("--workload", "C", "--growth"), "")
        self.assertIn("--growth: found --workload A", refusal("--workload", "A", "--growth"))

    def test_shapes_are_of_pull_requests(self):
        self.assertEqual(refusal("--workload", "S", "--variant", "shuffled", "--zone", "Asia/Kolkata"), "")
        self.assertIn("--variant: found --workload A", refusal("--workload", "A", "--variant", "null_heavy"))
        self.assertIn("--zone: found --workload E", refusal("--workload", "E", "--zone", "UTC"))
        self.assertIn("2: ", refusal("--workload", "C", "--variant", "sorted"))

    def test_the_service_with_another_workload_is_refused(self):
        self.assertIn("--grpc: found --workload A", refusal("--workload", "A", "--grpc"))

    def test_a_file_of_figures_in_no_folder_is_refused_before_anything_is_measured(self):
        self.assertIn("--json: found no folder",
                      refusal("--workload", "C", "--json", "no/such/figures.json"))


class CheckTest(unittest.TestCase):
    def run_in(self, folder: str, num_rows: int) -> engines.Run:
        run = engines.Run(root=folder, workload="C", threads=1, min_runs=7, num_rows=num_rows,
                          clients=[], seconds=5)
        for engine in ("product", "duckdb"):
            os.makedirs(run.results(engine))
        return run

    def check(self, peers: list[str], num_rows: int = 5) -> list[str]:
        spec = {"id": "C.06", "keys": [], "measures": [{"fn": "count", "as": "n"}]}
        with tempfile.TemporaryDirectory() as folder:
            run = self.run_in(folder, num_rows)
            for engine, count in (("product", 3), ("duckdb", 4)):
                with open(os.path.join(run.results(engine), "C.06.csv"), "w", encoding="utf-8") as file:
                    file.write(f"n\n{count}\n")
            return benchmark.check(run, [spec], "product", peers)

    def test_rows_of_another_number_are_compared_with_duckdb(self):
        self.assertIn("C.06 of product DIFFERS: n of ['3'], expected ['4']", self.check(["duckdb"]))

    def test_what_duckdb_left_of_another_run_is_not_compared(self):
        self.assertIn("unchecked", self.check(["polars"])[0])

    def test_rows_of_the_usual_number_are_compared_with_what_is_expected(self):
        self.assertIn("DIFFERS", self.check([], num_rows=300_000)[0])

    def test_another_shape_of_the_usual_number_is_compared_with_duckdb(self):
        spec = {"id": "C.06", "keys": [], "measures": []}
        with tempfile.TemporaryDirectory() as folder:
            run = self.run_in(folder, 300_000)
            for shape in ({"variant": "shuffled"}, {"zone": "Asia/Kolkata"}):
                other = dataclasses.replace(run, **shape)
                self.assertIn("unchecked", benchmark.check(other, [spec], "product", [])[0])


class SpecsTest(unittest.TestCase):
    def specs_of(self, **shape) -> list[dict]:
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "tests", "bench", "peers", "specs"))
            path = os.path.join(folder, "tests", "bench", "peers", "specs", "S.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump([{"id": "S.1", "keys": [{"col": "a"}, {"fn": "week", "col": "b", "tz": "UTC"}],
                            "filters": [{"col": "c", "op": "in", "values": {"from": 1, "to": 3}},
                                        {"col": "d", "op": "in", "values": {"prefix": "p", "from": 2, "to": 4,
                                                                            "step": 2}}]}], file)
            run = engines.Run(root=folder, workload="S", threads=1, min_runs=7, num_rows=5, clients=[],
                              seconds=5, **shape)
            specs = engines.write_specs(run)
            with open(run.specs, encoding="utf-8") as file:
                self.assertEqual(json.load(file), specs)
            return specs

    def test_values_are_written_out(self):
        filters = self.specs_of()[0]["filters"]
        self.assertEqual([condition["values"] for condition in filters], [[1, 2, 3], ["p2", "p4"]])

    def test_a_zone_is_that_of_all_times(self):
        self.assertEqual(self.specs_of(zone="Asia/Kolkata")[0]["keys"],
                         [{"col": "a"}, {"fn": "week", "col": "b", "tz": "Asia/Kolkata"}])


class ScalingTest(unittest.TestCase):
    SPEC = {"id": "A.q1"}

    def misses(self, one: float, two: float, num_bytes: int = 0) -> bool:
        return scaling.line_of(self.SPEC, scaling.Figures(one, two, beside=one), num_bytes, 50e9)[1]

    def test_two_threads_are_to_be_nearly_twice_as_fast(self):
        self.assertFalse(self.misses(18.0, 10.0))
        self.assertTrue(self.misses(17.9, 10.0))

    def test_or_to_read_what_the_memory_gives(self):
        self.assertFalse(self.misses(12.0, 10.0, num_bytes=400_000_000))
        self.assertTrue(self.misses(12.0, 10.0, num_bytes=390_000_000))

    def test_the_ceiling_is_that_of_threads_that_ask_apart(self):
        self.assertEqual(scaling.Figures(one=20.0, two=12.0, beside=20.0).ceiling, 2.0)
        self.assertEqual(scaling.Figures(one=20.0, two=12.0, beside=25.0).ceiling, 1.6)

    def test_what_is_short_gets_no_second_thread(self):
        self.assertFalse(self.misses(0.9, 0.9))


class TableTest(unittest.TestCase):
    LINES = [{"engine": engine, "query": "C.01", "threads": 1, "median_ms": ms, "first_ms": 2 * ms, "cpu_ms": ms}
             for engine, ms in (("product", 0.25), ("duckdb", 5), ("service", 0.8), ("floor", 0.6))]
    RUN = engines.Run(root="", workload="C", threads=1, min_runs=7, num_rows=1, clients=[], seconds=1)

    def rows(self):
        return table.rows(self.RUN, [{"id": "C.01"}], self.LINES)

    def test_the_service_and_its_floor_are_no_peers(self):
        self.assertEqual(self.rows()[0]["best_peer"], "duckdb")

    def test_what_a_call_costs_stands_beside_what_it_costs_at_least(self):
        self.assertIn("C.01 over gRPC: engine + 0.550 ms; a run and a bare call in turn: + 0.350 ms",
                      table.text(self.RUN, self.rows(), self.LINES))


if __name__ == "__main__":
    unittest.main()
