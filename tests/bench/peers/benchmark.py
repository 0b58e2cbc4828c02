"""The steps of `run`: build, data, engines, comparison, table."""

import argparse
import json
import os
import sys

import engines
import service
import table
from check_results import difference

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
HERE = os.path.join(ROOT, "tests", "bench", "peers")
CLIENTS = [1, 4, 16, 64]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/bench/peers/run", description=__doc__)
    parser.add_argument("--workload", required=True, choices=["A", "C", "D", "E"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", help="where the figures go")
    parser.add_argument("--rows", type=int, help="of A: 1,000,000 with one thread, else 10,000,000;"
                        " of C and D: 300,000")
    parser.add_argument("--runs", type=int, default=7, help="timed runs of a query, at least")
    parser.add_argument("--seconds", type=float, default=5, help="of each number of clients of D")
    parser.add_argument("--peers", default="duckdb,polars", help="or none")
    parser.add_argument("--grpc", action="store_true", help="the service too, over loopback")
    arguments = parser.parse_args()
    if arguments.grpc and arguments.workload != "C":
        parser.error(f"--grpc: found --workload {arguments.workload}, allowed: C")
    return arguments


def _label(workload: str, num_rows: int) -> str:
    """What the expected results of these rows are called."""
    if workload == "A":
        return {1_000_000: "h2o_1e6.", 10_000_000: "h2o_1e7."}.get(num_rows, "")
    if workload == "C" and num_rows == 300_000:
        return "pr."
    return ""


def _check(run: engines.Run, specs: list[dict], engine: str) -> list[str]:
    """A line for each result that differs; results of other sizes are compared with DuckDB's."""
    found = []
    for spec in specs:
        name = f"{_label(run.workload, run.num_rows)}{spec['id']}.csv"
        expected = os.path.join(HERE, "expected", name)
        if not os.path.exists(expected):
            expected = os.path.join(run.results("duckdb"), f"{spec['id']}.csv")
        if not os.path.exists(expected):
            found.append(f"{spec['id']} of {engine}: unchecked, nothing is expected of this size")
            continue
        result = os.path.join(run.results(engine), f"{spec['id']}.csv")
        if text := difference(spec, expected, result, sums_none_to_zero=engine == "polars"):
            found.append(f"{spec['id']} of {engine} DIFFERS: {text}")
    return found


def main() -> int:
    arguments = _arguments()
    workload = arguments.workload
    default_rows = {"A": 1_000_000 if arguments.threads == 1 else 10_000_000, "E": 0}
    run = engines.Run(
        root=ROOT, workload=workload, threads=arguments.threads, min_runs=arguments.runs,
        num_rows=arguments.rows or default_rows.get(workload, 300_000),
        clients=CLIENTS if workload == "D" else [], seconds=arguments.seconds)
    with open(run.specs, encoding="utf-8") as file:
        specs = json.load(file)
    peers = [] if arguments.peers == "none" else arguments.peers.split(",")
    engines.build(run, engines.PROGRAMS)
    lines = engines.product(run)
    if peers:
        engines.prepare_peers(run, specs)
    for peer in peers:
        lines += {"duckdb": engines.duckdb, "polars": engines.polars}[peer](run, specs)
    if arguments.grpc:
        lines += service.measure(run)
    problems = [] if run.clients else [
        problem for engine in ["product", *peers] for problem in _check(run, specs, engine)]
    rows = table.rows(run, specs, lines)
    print(table.text(run, rows, lines))
    print("\n".join(problems) or "every result is as expected" if not run.clients else "")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
            file.write("\n")
    product_fails = any(row["product_ms"] is None for row in rows)
    differs = any("DIFFERS" in problem and "product" in problem for problem in problems)
    return 1 if product_fails or differs else 0


if __name__ == "__main__":
    sys.exit(main())
