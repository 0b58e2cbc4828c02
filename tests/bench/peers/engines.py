"""Builds and runs the engines; each answers with lines of figures, and files of results."""

import dataclasses
import glob
import json
import os
import shutil
import subprocess
import sys

import chdb_sql
import duckdb_sql

PACKAGES = ["@duckdb/node-api", "chdb", "nodejs-polars", "nodejs-polars-linux-x64-gnu"]
PROGRAMS = ["peers_product", "peers_write_csv", "peers_duckdb", "peers_chdb"]


@dataclasses.dataclass
class Run:
    """What is measured."""

    root: str
    workload: str
    threads: int
    min_runs: int
    num_rows: int  # 0: as many as each data set has
    clients: list[int]
    seconds: int
    variant: str = "plain"
    zone: str = ""  # of all times of the specs; "": their own
    beside: int = 0  # threads that ask the product the same while it is timed

    @property
    def specs(self) -> str:
        """Of this run, see write_specs."""
        return os.path.join(self.folder, "specs.json")

    @property
    def folder(self) -> str:
        return os.path.join(self.root, "build", "peers")

    def program(self, name: str) -> str:
        return os.path.join(self.root, "build", "release", "tests", "bench", "peers", name)

    def results(self, engine: str) -> str:
        return os.path.join(self.folder, "results", engine)

    def data(self, dataset: str) -> str:
        variant = "" if self.variant == "plain" else f"_{self.variant}"
        return os.path.join(self.folder, "data", f"{dataset}{variant}_{self.num_rows}.parquet")


def _call(command: list[str], **options) -> None:
    subprocess.run(command, check=True, **options)


def json_lines(command: list[str], environment: dict | None = None) -> list[dict]:
    """The JSON lines that a program prints; what it says goes to our error output."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False,
                          env={**os.environ, **(environment or {})})
    if done.returncode != 0:
        print(f"{os.path.basename(command[0])}: exit status {done.returncode}", file=sys.stderr)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _fresh_results(run: Run, engine: str) -> str:
    shutil.rmtree(run.results(engine), ignore_errors=True)
    os.makedirs(run.results(engine))
    return run.results(engine)


def _client_flags(run: Run) -> list[str]:
    if not run.clients:
        return []
    return ["--clients", ",".join(map(str, run.clients)), "--seconds", str(run.seconds)]


def build(run: Run, targets: list[str]) -> None:
    """Programs of ours, by the release preset."""
    _call(["cmake", "--preset", "release", "-DSEXTANT_BUILD_BENCHMARKS=ON"], cwd=run.root,
          stdout=subprocess.DEVNULL)
    _call(["cmake", "--build", "--preset", "release", "--target", *targets], cwd=run.root,
          stdout=sys.stderr)


def _expanded(condition: dict) -> dict:
    """With each value, where `values` says from which to which."""
    values = condition.get("values")
    if not isinstance(values, dict):
        return condition
    numbers = range(values["from"], values["to"] + 1, values.get("step", 1))
    prefix = values.get("prefix", "")
    return {**condition, "values": [f"{prefix}{n}" if prefix else n for n in numbers]}


def write_specs(run: Run) -> list[dict]:
    """Those of the workload, in the zone of the run and with all values written out, into run.specs."""
    name = "C" if run.workload == "D" else run.workload
    path = os.path.join(run.root, "tests", "bench", "peers", "specs", f"{name}.json")
    with open(path, encoding="utf-8") as file:
        specs = json.load(file)
    for spec in specs:
        spec["filters"] = [_expanded(condition) for condition in spec["filters"]]
        if run.zone:
            spec["keys"] = [{**key, "tz": run.zone} if "tz" in key else key for key in spec["keys"]]
    os.makedirs(run.folder, exist_ok=True)
    with open(run.specs, "w", encoding="utf-8") as file:
        json.dump(specs, file)
    return specs


def product(run: Run) -> list[dict]:
    results = _fresh_results(run, "product")
    return json_lines([run.program("peers_product"), "--specs", run.specs,
                       "--rows", str(run.num_rows), "--variant", run.variant,
                       "--threads", str(run.threads), "--beside", str(run.beside),
                       "--runs", str(run.min_runs), "--results", results, *_client_flags(run)])


def _library(run: Run, engine: str) -> str:
    pattern = {"duckdb": "@duckdb/node-bindings-*/libduckdb.so",
               "chdb": "@chdb/lib-*/libchdb.so"}[engine]
    return (glob.glob(os.path.join(run.folder, "node_modules", pattern)) or [""])[0]


def _plan(run: Run, engine: str, name: str, plan: dict) -> list[str]:
    path = os.path.join(run.folder, f"{name}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(plan, file)
    return [run.program(f"peers_{engine}"), "--library", _library(run, engine), "--plan", path]


def write_csv(run: Run, dataset: str, path: str) -> None:
    """The rows of a data set into a file."""
    with open(path, "wb") as file:
        _call([run.program("peers_write_csv"), "--dataset", dataset, "--rows", str(run.num_rows),
               "--variant", run.variant], stdout=file)


def prepare_peers(run: Run, specs: list[dict]) -> None:
    """Installs the peers and writes the rows in a form that all of them read, once."""
    os.makedirs(os.path.join(run.folder, "data"), exist_ok=True)
    polars_folder = os.path.join(run.folder, "node_modules", "nodejs-polars")
    if not all(map(os.path.exists, [_library(run, "duckdb"), _library(run, "chdb"), polars_folder])):
        _call(["npm", "install", "--prefix", run.folder, "--no-audit", "--no-fund", *PACKAGES],
              stdout=sys.stderr)
    for dataset in sorted({spec["dataset"] for spec in specs}):
        parquet = run.data(dataset)
        if os.path.exists(parquet):
            continue
        csv = f"{parquet}.csv"
        write_csv(run, dataset, csv)
        part = f"{parquet}.part"
        _call(_plan(run, "duckdb", "convert", {"setup": duckdb_sql.conversion(dataset, csv, part)}))
        os.rename(part, parquet)
        os.remove(csv)


def _statements(run: Run, engine: str, plan: dict) -> list[dict]:
    return json_lines([*_plan(run, engine, f"{engine}_queries", plan), "--threads", str(run.threads),
                       "--runs", str(run.min_runs), *_client_flags(run)])


def duckdb(run: Run, specs: list[dict]) -> list[dict]:
    results = _fresh_results(run, "duckdb")
    setup = [statement for dataset in sorted({spec["dataset"] for spec in specs})
             for statement in duckdb_sql.setup(dataset, run.data(dataset), run.threads)]
    memory = os.path.join(results, "memory.csv")
    setup.append(duckdb_sql.memory(memory))
    after = [f"COPY ({duckdb_sql.summary(spec)}) TO '{results}/{spec['id']}.csv' (HEADER)"
             for spec in specs]
    queries = [{"id": spec["id"], "sql": duckdb_sql.query(spec)} for spec in specs]
    lines = _statements(run, "duckdb", {"setup": setup, "queries": queries, "after": after})
    if os.path.exists(memory):
        with open(memory, encoding="utf-8") as file:
            lines.append({"engine": "duckdb", "query": "memory", "bytes": int(file.read().split()[-1])})
    return lines


def chdb(run: Run, specs: list[dict]) -> list[dict]:
    results = _fresh_results(run, "chdb")
    setup = [statement for dataset in sorted({spec["dataset"] for spec in specs})
             for statement in chdb_sql.setup(dataset, run.data(dataset))]
    after = [chdb_sql.result(spec, f"{results}/{spec['id']}.csv") for spec in specs]
    queries = [{"id": spec["id"], "sql": chdb_sql.query(spec, run.threads)} for spec in specs]
    return _statements(run, "chdb", {"setup": setup, "queries": queries, "after": after})


def polars(run: Run, specs: list[dict]) -> list[dict]:
    flags = {"modules": os.path.join(run.folder, "node_modules"), "specs": run.specs,
             "data": {spec["dataset"]: run.data(spec["dataset"]) for spec in specs},
             "results": _fresh_results(run, "polars"), "runs": run.min_runs,
             "clients": run.clients, "seconds": run.seconds}
    script = os.path.join(run.root, "tests", "bench", "peers", "polars.mjs")
    return json_lines(["node", script, json.dumps(flags)],
                      {"POLARS_MAX_THREADS": str(run.threads)})


PEERS = {"duckdb": duckdb, "chdb": chdb, "polars": polars}
