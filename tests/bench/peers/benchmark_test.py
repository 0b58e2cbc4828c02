"""What `run` refuses before it measures, and what it compares results with."""

import contextlib
import io
import os
import tempfile
import unittest

import benchmark
import engines


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
        for workload in "ACDE":
            self.assertEqual(refusal("--workload", workload), "")

    def test_another_workload_is_refused(self):
        self.assertIn("2: ", refusal("--workload", "B"))

    def test_a_peer_that_is_none_is_refused_with_those_that_are(self):
        self.assertIn("found 'duck', allowed: duckdb, chdb, polars or none",
                      refusal("--workload", "C", "--peers", "polars,duck"))

    def test_no_peers_are_a_choice(self):
        self.assertEqual(benchmark.arguments_of("", ["--workload", "C", "--peers", "none"]).peers, [])

    def test_numbers_below_one_are_refused(self):
        for flag in ("--threads", "--rows", "--runs", "--seconds"):
            for number in ("0", "-1", "many"):
                self.assertIn(f"{flag}: found", refusal("--workload", "C", f"{flag}={number}"))

    def test_rows_of_e_are_refused(self):
        self.assertIn("--rows: found --workload E", refusal("--workload", "E", "--rows", "50"))

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


if __name__ == "__main__":
    unittest.main()
