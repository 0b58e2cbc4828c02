#!/usr/bin/python3
"""Runs a command against a sextantd of its own, on a PostgreSQL of its own, and ends both.

    with_server.py --binaries DIR --sql FILE --catalog DIR [--result-cache SIZE] COMMAND ARGUMENT...

The command finds in its environment SEXTANT_ADDRESS and SEXTANT_HTTP (HOST:PORT), SEXTANT (the path of the
client) and SEXTANT_PG (the connection string). Exits with the command's status.
"""
import argparse
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
POSTGRES = ROOT / "deploy" / "demo" / "postgres"
READY_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30


def free_address():
    """An address on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def is_ready(http_address):
    try:
        with urllib.request.urlopen(f"http://{http_address}/readyz", timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait_until_ready(server, http_address, log_path):
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not is_ready(http_address):
        if server.poll() is not None or time.monotonic() > deadline:
            sys.stderr.write(log_path.read_text(errors="replace"))
            sys.exit(f"with_server: sextantd did not become ready (exit status {server.poll()}); its log is above")
        time.sleep(0.05)


def stop(server):
    server.send_signal(signal.SIGTERM)
    try:
        status = server.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
        sys.exit(f"with_server: sextantd did not end within {STOP_TIMEOUT_S} s after SIGTERM")
    if status != 0:
        sys.exit(f"with_server: sextantd ended with status {status} after SIGTERM")


def run_command(arguments, conninfo, log_path):
    address, http_address = free_address(), free_address()
    binaries = pathlib.Path(arguments.binaries).resolve()
    environment = {**os.environ, "SEXTANT_PG": conninfo, "SEXTANT_ADDRESS": address, "SEXTANT_HTTP": http_address,
                   "SEXTANT": str(binaries / "sextant")}
    with open(log_path, "wb") as log:
        server = subprocess.Popen(
            [binaries / "sextantd", "--catalog", arguments.catalog, "--listen", address, "--http", http_address,
             "--result-cache", arguments.result_cache],
            env=environment, stdout=log, stderr=log)
    try:
        wait_until_ready(server, http_address, log_path)
        status = subprocess.run(arguments.command, env=environment, check=False).returncode
    finally:
        if server.poll() is None:
            stop(server)
    if status != 0:
        sys.stderr.write(log_path.read_text(errors="replace"))
    return status


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", required=True)
    parser.add_argument("--sql", required=True)
    parser.add_argument("--catalog", required=True)
    parser.add_argument("--result-cache", default="64MiB")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)
        server_folder = os.path.join(folder, "postgres")
        conninfo = subprocess.run([POSTGRES, "start", server_folder], check=True, text=True,
                                  stdout=subprocess.PIPE).stdout.strip()
        try:
            subprocess.run(["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", conninfo,
                            "--file", arguments.sql], check=True)
            sys.exit(run_command(arguments, conninfo, pathlib.Path(folder) / "sextantd.log"))
        finally:
            subprocess.run([POSTGRES, "stop", server_folder], check=False)


if __name__ == "__main__":
    main()
