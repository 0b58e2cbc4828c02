#!/usr/bin/python3
"""Lets Debian's Prometheus scrape a running sextantd, and looks at what it got.

    prometheus_check.py      with SEXTANT, SEXTANT_ADDRESS and SEXTANT_HTTP in the environment (see with_server.py)
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from with_server import free_address

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "prometheus"
SCRAPE_TIMEOUT_S = 60
MAX_SERIES = 2000

# Of each family that an operator builds on: one expression that must have an answer.
EXPRESSIONS = [
    "up == 1",
    "sextant_build_info == 1",
    'grpc_server_handled_total{grpc_method="QueryMetrics", grpc_code="OK"} >= 1',
    'histogram_quantile(0.5, sum by (le) (grpc_server_handling_seconds_bucket{grpc_method="QueryMetrics"}))',
    "sextant_rows_scanned_total > 0",
    "sextant_cache_rows > 0",
    "sextant_cache_bytes > 0",
    "time() - sextant_cache_last_refresh_timestamp_seconds < 600",
    "process_resident_memory_bytes > 0",
    "process_open_fds > 0",
]


def get(address, path):
    with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as response:
        return response.read().decode()


def ask_a_question():
    """Counters of queries have something to count."""
    subprocess.run([os.environ["SEXTANT"], "--address", os.environ["SEXTANT_ADDRESS"], "query", "--tenant", "1",
                    "-d", "visits", "-m", "n = count(*)", "-g", "urgency"], check=True, stdout=subprocess.DEVNULL)


def check_exposition():
    text = get(os.environ["SEXTANT_HTTP"], "/metrics")
    result = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
    if result.returncode != 0 or result.stderr.strip():
        return [f"promtool check metrics: {result.stderr.strip()}"]
    num_series = sum(1 for line in text.splitlines() if line and not line.startswith("#"))
    if num_series > MAX_SERIES:
        return [f"{num_series} series; at most {MAX_SERIES}"]
    print(f"ok      promtool has no complaint about {num_series} series")
    return []


def check_examples():
    for example in sorted(EXAMPLES.glob("*.yml")):
        subprocess.run(["promtool", "check", "config", str(example)], check=True, stdout=subprocess.DEVNULL)
        print(f"ok      promtool accepts {example.name}")


def start_prometheus(folder, address):
    """Prometheus with the example's configuration, but for the target and a faster scrape."""
    configuration = (EXAMPLES / "prometheus.yml").read_text()
    for old, new in [("127.0.0.1:7601", os.environ["SEXTANT_HTTP"]), ("15s", "1s")]:
        if old not in configuration:
            sys.exit(f"prometheus_check: prometheus.yml no longer has {old}")
        configuration = configuration.replace(old, new)
    path = pathlib.Path(folder) / "prometheus.yml"
    path.write_text(configuration)
    with open(pathlib.Path(folder) / "log", "wb") as log:
        return subprocess.Popen(["prometheus", f"--config.file={path}", f"--storage.tsdb.path={folder}/data",
                                 f"--web.listen-address={address}", "--log.level=warn"], stdout=log, stderr=log)


def answers(address, expression):
    try:
        reply = json.loads(get(address, "/api/v1/query?" + urllib.parse.urlencode({"query": expression})))
    except urllib.error.HTTPError as error:
        if error.code == 503:
            return []  # listening, and not ready yet
        sys.exit(f"prometheus_check: {expression}: {error.read().decode()}")
    except (urllib.error.URLError, OSError):
        return []  # not listening yet
    return reply["data"]["result"]


def wait_for_scrape(address, prometheus, folder):
    deadline = time.monotonic() + SCRAPE_TIMEOUT_S
    while not answers(address, "up == 1"):
        if prometheus.poll() is not None or time.monotonic() > deadline:
            log = (pathlib.Path(folder) / "log").read_text()
            sys.exit(f"prometheus_check: no scrape within {SCRAPE_TIMEOUT_S} s; its log:\n{log}")
        time.sleep(0.1)


def main():
    ask_a_question()
    errors = check_exposition()
    check_examples()
    address = free_address()
    with tempfile.TemporaryDirectory() as folder:
        prometheus = start_prometheus(folder, address)
        try:
            wait_for_scrape(address, prometheus, folder)
            for expression in EXPRESSIONS:
                found = answers(address, expression)
                if found:
                    print(f"ok      {expression}: {len(found)} series")
                else:
                    errors.append(f"{expression}: no answer")
        finally:
            prometheus.terminate()
            prometheus.wait()
    for error in errors:
        print(f"FAILED  {error}")
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
