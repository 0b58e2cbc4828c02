"""Real input, end to end: PostgreSQL -> cache -> gRPC -> command line, every cell against SQL written by hand.

  run.py --binaries DIR [--commits FILE.csv.xz]

Without the file of real commits, rows of the same shape are generated. Asks every question, stops PostgreSQL, and asks
all of them again: the answers must be the same bytes.
"""

import argparse
import json
import lzma
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

from answers import first_difference, parse_csv
from language_questions import LANGUAGE_QUESTIONS
from questions import QUESTIONS

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
READY_TIMEOUT_S = 120
LEAST_QUESTIONS = 40
# Float sums of the printed SQL are added in PostgreSQL's order.
PRINTED_SQL_BOUND = 1e-12
ALL_QUESTIONS = QUESTIONS + LANGUAGE_QUESTIONS


class PrivateServer:
    """PostgreSQL in a folder of its own."""

    def __init__(self, folder):
        self._script = ROOT / "deploy" / "demo" / "postgres"
        self._folder = folder
        self.conninfo = subprocess.run([self._script, "start", folder], check=True, text=True,
                                       stdout=subprocess.PIPE).stdout.strip()
        self._running = True

    def sql(self, text, zone="UTC", stdin=None):
        environment = dict(os.environ, PGTZ=zone)
        return subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo, "-c", text], check=True,
                              stdin=stdin, stdout=subprocess.PIPE, text=True, env=environment).stdout

    def stop(self):
        if self._running:
            subprocess.run([self._script, "stop", self._folder], check=True, stdout=subprocess.DEVNULL)
        self._running = False


class Service:
    """sextantd over the catalogue beside this file."""

    def __init__(self, binaries, conninfo, log_path):
        self._binaries = binaries
        self._log = open(log_path, "w+")
        self._process = subprocess.Popen(
            [binaries / "sextantd", "--catalog", HERE / "catalog", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"],
            env=dict(os.environ, SEXTANT_TEST_CONNINFO=conninfo), stderr=subprocess.PIPE, text=True)
        self.address = self.http = None
        self._wait_until_ready()

    def _wait_until_ready(self):
        """Reads the log until the dataset is published; the log says where it listens."""
        for line in self._process.stderr:
            self._log.write(line)
            entry = json.loads(line)
            if entry.get("event") == "listening":
                self.address, self.http = f"127.0.0.1:{entry['grpc_port']}", f"127.0.0.1:{entry['http_port']}"
            if entry.get("event") == "dataset published" and self.address:
                break
        else:
            raise RuntimeError(f"sextantd ended with {self._process.wait()} before it was ready: {self._log.name}")
        with urllib.request.urlopen(f"http://{self.http}/readyz", timeout=10) as answer:
            assert answer.status == 200

    def _run(self, command, zone, arguments, *more):
        command = [self._binaries / "sextant", "--address", self.address, "--deadline", "60s", command, "-d", "commits",
                   "--zone", zone, *more, *arguments]
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout

    def ask(self, zone, arguments):
        return self._run("query", zone, arguments, "--format", "csv")

    def explain_sql(self, zone, arguments):
        return self._run("explain", zone, arguments, "--sql").strip().rstrip(";")

    def verify(self, zone, arguments):
        return self._run("verify", zone, arguments)

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.stderr.close()
        code = self._process.wait(timeout=60)
        self._log.close()
        return code


def fill(server, commits):
    subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", server.conninfo, "-f", HERE / "commits.sql"], check=True)
    if commits:
        copy = subprocess.Popen(["psql", "-Xq", "-d", server.conninfo, "-c", "COPY commits FROM STDIN (FORMAT csv, HEADER)"],
                                stdin=subprocess.PIPE)
        with lzma.open(commits, "rb") as rows:
            shutil.copyfileobj(rows, copy.stdin, 1 << 20)
        copy.stdin.close()
        assert copy.wait() == 0
    else:
        subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", server.conninfo, "-f", HERE / "generated.sql"],
                       check=True)
    rows = int(server.sql("SELECT count(*) FROM commits"))
    print(f"{rows} {'real' if commits else 'generated'} commits")


def compare(server, service):
    """The answers by name; exits on the first cell that differs."""
    answers = {}
    for name, zone, arguments, sql, *bound in ALL_QUESTIONS:
        expected = parse_csv(server.sql(f"COPY ({sql}) TO STDOUT (FORMAT csv)", zone))
        answers[name] = service.ask(zone, arguments)
        found = parse_csv(answers[name])[1:]
        difference = first_difference(found, expected, *bound)
        if difference:
            sys.exit(f"FAILED {name}: {difference}\n  {arguments}\n  {sql}")
        cells = sum(len(row) for row in expected)
        print(f"ok   {name} [{zone}]: {len(expected)} rows, {cells} cells equal")
    return answers


def check_explanations(server, service, answers):
    """The SQL that Explain prints gives the answer, and Verify finds it equal."""
    for name, zone, arguments, _, *bound in ALL_QUESTIONS:
        sql = service.explain_sql(zone, arguments)
        expected = parse_csv(server.sql(f"COPY ({sql}) TO STDOUT (FORMAT csv)", zone))
        difference = first_difference(parse_csv(answers[name])[1:], expected, *(bound or [PRINTED_SQL_BOUND]))
        if difference:
            sys.exit(f"FAILED {name}: printed SQL: {difference}\n{sql}")
        verdict = service.verify(zone, arguments)
        if not verdict.startswith("equal"):
            sys.exit(f"FAILED {name}: verify says {verdict}")
    print(f"{len(ALL_QUESTIONS)} questions explained by SQL that gives their answer, and verified")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binaries", type=pathlib.Path, required=True)
    parser.add_argument("--commits", type=pathlib.Path)
    arguments = parser.parse_args()
    assert len(ALL_QUESTIONS) >= LEAST_QUESTIONS
    commits = arguments.commits if arguments.commits and arguments.commits.exists() else None
    with tempfile.TemporaryDirectory(prefix="sextant-real-") as folder:
        os.chmod(folder, 0o755)
        server = PrivateServer(os.path.join(folder, "pg"))
        service = None
        try:
            fill(server, commits)
            service = Service(arguments.binaries, server.conninfo, os.path.join(folder, "sextantd.log"))
            answers = compare(server, service)
            check_explanations(server, service, answers)
            server.stop()
            for name, zone, flags, *_ in ALL_QUESTIONS:
                assert service.ask(zone, flags) == answers[name], f"{name}: another answer without PostgreSQL"
            print(f"{len(ALL_QUESTIONS)} questions equal; the same bytes with PostgreSQL stopped")
        finally:
            code = service.stop() if service else 0
            server.stop()
        assert code == 0, f"sextantd ended with {code}"


if __name__ == "__main__":
    main()
