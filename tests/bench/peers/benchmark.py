"""The steps of `run`: build, data, engines, comparison, table."""

import argparse
import json
import os
import shutil
import subprocess
import sys

import engines
import growth
import scaling
import service
import table
from check_results import difference

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
HERE = os.path.join(ROOT, "tests", "bench", "peers")
CLIENTS = [1, 4, 16, 64]
VARIANTS = ["plain", "shuffled", "null_heavy", "all_distinct"]


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"found {text}, allowed: 1 and more")
    return int(text)


def _peers(text: str) -> list[str]:
    names = [] if text == "none" else text.split(",")
    if wrong := [name for name in names if name not in engines.PEERS]:
        raise argparse.ArgumentTypeError(f"found '{wrong[0]}', allowed: {', '.join(engines.PEERS)} or none")
    return names


def arguments_of(description: str, command_line: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/bench/peers/run", description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", required=True, choices=["A", "C", "D", "E", "S"],
                        help="A: group by, C: pull requests, D: C by many clients, E: few rows,"
                        " S: other lists, zones and groups of pull requests")
    parser.add_argument("--threads", type=_positive, default=1, help="of each engine (1)")
    parser.add_argument("--json", metavar="FILE", help="where the figures go")
    parser.add_argument("--rows", type=_positive, help="of A: 1,000,000 with one thread, else 10,000,000;"
                        " of C, D and S: 300,000; of --growth and --scaling 10,000,000")
    parser.add_argument("--variant", choices=VARIANTS, default="plain",
                        help="another shape of the same rows (C, S)")
    parser.add_argument("--zone", default="", help="of all times of the specs (C, S), such as Asia/Kolkata")
    parser.add_argument("--growth", action="store_true",
                        help="the product alone, with 300,000 rows and with more: how many times as long (C)")
    parser.add_argument("--scaling", action="store_true",
                        help="the product alone, by one thread and by two: how many times as fast (A, C)")
    parser.add_argument("--runs", type=_positive, default=7,
                        help="timed runs of a query, at least (7); 3 of one that takes longer than 20 s in all")
    parser.add_argument("--seconds", type=_positive, default=5, help="of each number of clients of D (5)")
    parser.add_argument("--peers", type=_peers, default="duckdb,chdb,polars",
                        help="all, some of them, or none (duckdb,chdb,polars)")
    parser.add_argument("--grpc", action="store_true", help="the service too, over loopback (C)")
    arguments = parser.parse_args(command_line)
    if arguments.grpc and arguments.workload != "C":
        parser.error(f"--grpc: found --workload {arguments.workload}, allowed: C")
    if arguments.growth and arguments.workload != "C":
        parser.error(f"--growth: found --workload {arguments.workload}, allowed: C")
    if arguments.scaling and arguments.workload not in "AC":
        parser.error(f"--scaling: found --workload {arguments.workload}, allowed: A, C")
    for name in ("variant", "zone"):
        value = getattr(arguments, name)
        if value not in ("", "plain") and arguments.workload not in "CS":
            parser.error(f"--{name}: found --workload {arguments.workload}, allowed: C, S")
    if arguments.rows and arguments.workload == "E":
        parser.error("--rows: found --workload E, allowed: A, C, D, S; the rows of E are few and fixed")
    if arguments.json and not os.path.isdir(os.path.dirname(arguments.json) or "."):
        parser.error(f"--json: found no folder for {arguments.json}")
    return arguments


def _missing_tool(arguments: argparse.Namespace) -> str:
    """The name of a program that is needed and not there, or ""."""
    needed = {"cmake": True, "npm": arguments.peers, "node": "polars" in arguments.peers,
              "psql": arguments.grpc}
    return next((tool for tool, is_needed in needed.items()
                 if is_needed and shutil.which(tool) is None), "")


def _label(run: engines.Run) -> str:
    """What the expected results of these rows are called."""
    workload, num_rows = run.workload, run.num_rows
    if run.variant != "plain" or run.zone:
        return "none."
    if workload == "A":
        return {1_000_000: "h2o_1e6.", 10_000_000: "h2o_1e7."}.get(num_rows, "")
    if workload == "C" and num_rows == 300_000:
        return "pr."
    return ""


def _expected(run: engines.Run, query: str, peers: list[str]) -> str:
    """The file to compare a result with, or "". Of other sizes than expected/ has it is DuckDB's of this
    run, not what another run left there."""
    path = os.path.join(HERE, "expected", f"{_label(run)}{query}.csv")
    if not os.path.exists(path):
        path = os.path.join(run.results("duckdb"), f"{query}.csv") if "duckdb" in peers else ""
    return path if os.path.exists(path) else ""


def check(run: engines.Run, specs: list[dict], engine: str, peers: list[str]) -> list[str]:
    """A line for each result that differs or cannot be compared."""
    found = []
    for spec in specs:
        expected = _expected(run, spec["id"], peers)
        if not expected:
            found.append(f"{spec['id']} of {engine}: unchecked, nothing is expected of this size")
            continue
        result = os.path.join(run.results(engine), f"{spec['id']}.csv")
        if text := difference(spec, expected, result, sums_none_to_zero=engine == "polars"):
            found.append(f"{spec['id']} of {engine} DIFFERS: {text}")
    return found


def measure(arguments: argparse.Namespace) -> int:
    """Prints the table; the exit status of `run`."""
    workload, peers = arguments.workload, arguments.peers
    default_rows = {"A": 1_000_000 if arguments.threads == 1 else 10_000_000, "E": 0}
    run = engines.Run(
        root=ROOT, workload=workload, threads=arguments.threads, min_runs=arguments.runs,
        num_rows=arguments.rows or default_rows.get(workload, 300_000),
        clients=CLIENTS if workload == "D" else [], seconds=arguments.seconds,
        variant=arguments.variant, zone=arguments.zone)
    specs = engines.write_specs(run)
    if arguments.growth:
        return growth.measure(run, specs, arguments.rows or growth.ROWS)
    if arguments.scaling:
        return scaling.measure(run, specs, arguments.rows or scaling.ROWS)
    engines.build(run, [*engines.PROGRAMS, *(service.PROGRAMS if arguments.grpc else [])])
    if peers:
        engines.prepare_peers(run, specs)
    lines = engines.product(run)
    for peer in peers:
        lines += engines.PEERS[peer](run, specs)
    if arguments.grpc:
        lines += service.measure(run)
    rows = table.rows(run, specs, lines)
    print(table.text(run, rows, lines))
    problems = []
    if not run.clients:  # D asks what C asks, and C checks it
        problems = [problem for engine in ["product", *peers]
                    for problem in check(run, specs, engine, peers)]
        print("\n".join(problems) or "every result is as expected")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
            file.write("\n")
    product_fails = any(row["product_ms"] is None for row in rows)
    differs = any("of product DIFFERS" in problem for problem in problems)
    return 1 if product_fails or differs else 0


def main(description: str) -> int:
    arguments = arguments_of(description)
    if tool := _missing_tool(arguments):
        print(f"tests/bench/peers/run: found no program '{tool}' on the PATH"
              f"{'; --peers none measures the product alone' if tool in ('npm', 'node') else ''}",
              file=sys.stderr)
        return 2
    try:
        return measure(arguments)
    except subprocess.CalledProcessError as error:
        print(f"tests/bench/peers/run: exit status {error.returncode} of {' '.join(error.cmd[:3])} ..;"
              " what it said is above", file=sys.stderr)
        return 1
