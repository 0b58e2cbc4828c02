"""The service beside the engine: a sextantd over a PostgreSQL, both started here, on loopback."""

import os
import tempfile

import engines
import pull_requests

PROGRAMS = ["sextantd", "sextant", "peers_service"]

_CATALOG = """\
sources:
  - {name: bench, conninfo: "${SEXTANT_PG}"}
datasets:
  - {name: pr, source: bench, table: public.pr, key: [id], required: true}
"""


def _write_inputs(run: engines.Run, folder: str) -> None:
    """The SQL that loads the rows, and the catalogue that serves them."""
    csv = os.path.join(folder, "pr.csv")
    engines.write_csv(run, "pr", csv)
    with open(csv, encoding="utf-8") as file:
        columns = file.readline().strip().split(",")
    definitions = ", ".join(f"{column} {pull_requests.type_of(column)}" for column in columns)
    with open(os.path.join(folder, "load.sql"), "w", encoding="utf-8") as file:
        file.write(f"CREATE TABLE pr ({definitions});\n"
                   f"\\copy pr FROM '{csv}' (FORMAT csv, HEADER true)\nANALYZE pr;\n")
    os.mkdir(os.path.join(folder, "catalog"))
    with open(os.path.join(folder, "catalog", "bench.yaml"), "w", encoding="utf-8") as file:
        file.write(_CATALOG)


def measure(run: engines.Run) -> list[dict]:
    """The queries of C by one client. REQUIRES: PROGRAMS are built."""
    with tempfile.TemporaryDirectory() as folder:
        _write_inputs(run, folder)
        return engines.json_lines([
            os.path.join(run.root, "tests", "deploy", "with_server.py"),
            "--binaries", os.path.join(run.root, "build", "release", "service"),
            "--sql", os.path.join(folder, "load.sql"),
            "--catalog", os.path.join(folder, "catalog"),
            "--result-cache", "0",  # some queries have no literals to vary
            run.program("peers_service"), "--specs", run.specs, "--threads", str(run.threads),
            "--runs", str(run.min_runs), "--floor", "--rows", str(run.num_rows)])
