#!/usr/bin/python3
"""Asks the same questions through the command line and through the other clients, and compares every cell.

    compare.py [--node]      with SEXTANT and SEXTANT_ADDRESS in the environment (see tests/deploy/with_server.py)

With --node the Node client takes part, and Apache Arrow JS and polars read the answers in Arrow IPC: the messages of the
server, and the file and the stream that `sextant query --format arrow` writes. It needs tests/clients/node_modules.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
_FIELD = re.compile(r'("(?:[^"]|"")*"|[^,\n"]*)(,|\n|\Z)')


def metric(name, expression, at=None):
    definition = {"name": name, "expression": expression, **({"at": at} if at else {})}
    return {"definition": definition}


def columns(*names):
    return [{"column": name} for name in names]


YEAR = {"from": "2024-01-01", "to": "2025-01-01"}
YEAR_FLAGS = ["--from", "2024-01-01", "--to", "2025-01-01"]

# (what, tenant, flags of `sextant query`, QueryMetricsRequest), about the dataset `visits` unless the request names one.
QUESTIONS = [
    ("one number", "1", ["-m", "n = count(*)"], {"metrics": [metric("n", "count(*)")]}),
    ("the other tenant", "2", ["-m", "n = count(*)"], {"metrics": [metric("n", "count(*)")]}),
    ("every aggregate and type of result by texts that need quotes", "1",
     ["-m", "n = count(*)", "-m", "valued = count(amount)", "-m", "days = count(DISTINCT billed_on)",
      "-m", "total = sum(amount)", "-m", "pieces = sum(pieces)", "-m", "weight = avg(weight)", "-m", "first = min(started_at)",
      "-m", "least = min(amount)", "-m", "day = max(billed_on)", "-m", "stay = avg(ended_at - started_at)",
      "-m", "longest = max(stay)", "-g", "place"],
     {"metrics": [metric("n", "count(*)"), metric("valued", "count(amount)"), metric("days", "count(DISTINCT billed_on)"),
                  metric("total", "sum(amount)"), metric("pieces", "sum(pieces)"), metric("weight", "avg(weight)"),
                  metric("first", "min(started_at)"), metric("least", "min(amount)"), metric("day", "max(billed_on)"),
                  metric("stay", "avg(ended_at - started_at)"), metric("longest", "max(stay)")],
      "group_by": columns("place")}),
    ("groups by enum, bool and date", "2",
     ["-m", "n = count(*)", "-g", "urgency", "-g", "is_return", "-g", "billed_on"],
     {"metrics": [metric("n", "count(*)")], "group_by": columns("urgency", "is_return", "billed_on")}),
    ("elements of a list", "1", ["-m", "n = count(*)", "-m", "w = avg(weight)", "-g", "tags"],
     {"metrics": [metric("n", "count(*)"), metric("w", "avg(weight)")], "group_by": [{"list_element": "tags"}]}),
    ("days in Berlin across both changes of the clock", "1",
     ["-m", "n = count(*)", "-m", "w = avg(weight)", "--at", "started_at", "-i", "day", "--zone", "Europe/Berlin", *YEAR_FLAGS],
     {"metrics": [metric("n", "count(*)", "started_at"), metric("w", "avg(weight)", "started_at")],
      "series": [{"interval": "day"}], "time_zone": "Europe/Berlin", "time_range": YEAR}),
    ("several series at once, weeks from Sunday, half hour zone", "2",
     ["-m", "n = count(*)", "--at", "ended_at", "-i", "month", "-i", "week", "--week-start", "sunday",
      "--zone", "America/St_Johns", *YEAR_FLAGS, "-g", "urgency"],
     {"metrics": [metric("n", "count(*)", "ended_at")], "series": [{"interval": "month"}, {"interval": "week"}],
      "week_start": "sunday", "time_zone": "America/St_Johns", "time_range": YEAR, "group_by": columns("urgency")}),
    ("a filter as text on one side and as a tree on the other", "1",
     ["-m", "n = count(*)", "-g", "urgency", "-w", "place IN ('north', 'Köln') AND NOT pieces < 0 AND amount IS NOT NULL"],
     {"metrics": [metric("n", "count(*)")], "group_by": columns("urgency"),
      "filter": {"all_of": {"filters": [
          {"in_list": {"operand": {"column": "place"}, "values": {"strings": ["north", "Köln"]}}},
          {"comparison": {"operand": {"column": "pieces"}, "operator": "OPERATOR_GREATER_OR_EQUAL",
                          "value": {"int_value": 0}}},
          {"negation": {"is_null": {"column": "amount"}}}]}}}),
    ("order and limit", "1", ["-m", "n = count(*)", "-g", "place", "-g", "urgency", "--order", "n desc", "--limit", "7"],
     {"metrics": [metric("n", "count(*)")], "group_by": columns("place", "urgency"),
      "order_by": [{"name": "n", "descending": True}], "limit": 7}),
    ("more cells than one batch holds", "1",
     ["-m", "n = count(*)", "-m", "w = max(weight)", "-g", "id", "-g", "place", "-g", "started_at"],
     {"metrics": [metric("n", "count(*)"), metric("w", "max(weight)")], "group_by": columns("id", "place", "started_at")}),
    ("more rows than a chunk has, no two texts alike", "1", ["-m", "n = count(*)", "-m", "level = sum(level)", "-g", "label"],
     {"dataset": "readings", "metrics": [metric("n", "count(*)"), metric("level", "sum(level)")],
      "group_by": columns("label")}),
    ("uuids, intervals, bytes and small integers", "1",
     ["-m", "n = count(*)", "-m", "exact = sum(exact)", "-m", "least = min(exact)", "-m", "ratio = max(ratio)",
      "-g", "desk", "-g", "notice", "-g", "stamp", "-g", "floor"],
     {"metrics": [metric("n", "count(*)"), metric("exact", "sum(exact)"), metric("least", "min(exact)"),
                  metric("ratio", "max(ratio)")],
      "group_by": columns("desk", "notice", "stamp", "floor")}),
    ("instants and decimals as groups, all of time", "2",
     ["-m", "n = count(*)", "-g", "ended_at", "-g", "exact", "-g", "ratio", "--zone", "Asia/Kathmandu", "--limit", "3000"],
     {"metrics": [metric("n", "count(*)")], "group_by": columns("ended_at", "exact", "ratio"),
      "time_zone": "Asia/Kathmandu", "limit": 3000}),
    ("a group of nothing but NULL", "1", ["-m", "n = count(*)", "-m", "w = sum(amount)", "-g", "place", "-g", "desk",
                                          "-w", "place IS NULL AND desk IS NULL AND amount IS NULL"],
     {"metrics": [metric("n", "count(*)"), metric("w", "sum(amount)")], "group_by": columns("place", "desk"),
      "where": "place IS NULL AND desk IS NULL AND amount IS NULL"}),
    ("no cell at all", "1", ["-m", "n = count(*)", "-g", "place", "-w", "pieces > 5000"],
     {"metrics": [metric("n", "count(*)")], "group_by": columns("place"), "where": "pieces > 5000"}),
]

# (what, a request that is refused, the code that every client must show)
REFUSALS = [
    ("an unknown column", {"metrics": [metric("n", "sum(nothing)")]}, "INVALID_ARGUMENT"),
    ("an unknown dataset", {"metrics": [metric("n", "count(*)")], "dataset": "nothing"}, "NOT_FOUND"),
    ("an unknown zone", {"metrics": [metric("n", "count(*)")], "time_zone": "Europe/Nowhere"}, "INVALID_ARGUMENT"),
]


def parse_csv(text):
    """Rows of fields as written, quotes included: a NULL is '', an empty text is '""'."""
    rows, row, position = [], [], 0
    while position < len(text):
        match = _FIELD.match(text, position)
        if match is None:
            raise ValueError(f"no CSV at byte {position}: {text[position:position + 40]!r}")
        row.append(match[1])
        position = match.end()
        if match[2] != ",":
            rows.append(row)
            row = []
    return rows


def same_cell(left, right):
    if left == right:
        return True
    try:
        return float(left) == float(right)  # one number, printed in two ways
    except ValueError:
        return False


def first_difference(wanted, found):
    """What differs between two answers as CSV, or None."""
    wanted_rows, found_rows = parse_csv(wanted), parse_csv(found)
    for number, (left, right) in enumerate(zip(wanted_rows, found_rows), start=1):
        if len(left) != len(right) or not all(map(same_cell, left, right)):
            return f"line {number}: wanted {left}, found {right}"
    if len(wanted_rows) != len(found_rows):
        return f"wanted {len(wanted_rows)} lines, found {len(found_rows)}"
    return None


def output_of(command, request):
    result = subprocess.run(command, input=json.dumps(request), text=True, capture_output=True, check=False)
    if result.returncode != 0:
        return None, f"'{command[0]}' failed: {result.stderr.strip()}"
    return result.stdout, None


def read_arrow(command, folder):
    """What Arrow JS and polars read of the file and of the stream that `sextant` writes: (name, CSV or None, error)."""
    file, stream = os.path.join(folder, "answer.arrow"), os.path.join(folder, "answer.arrows")
    written = [("arrow file", file, [*command, "-o", file]), ("arrow stream", stream, command)]
    for name, path, write in written:
        with open(stream, "wb") as out:
            result = subprocess.run(write, stdout=out, stderr=subprocess.PIPE, check=False)
        if result.returncode != 0:
            yield name, None, f"'sextant' failed: {result.stderr.decode().strip()}"
            continue
        yield name, *output_of(["node", str(HERE / "arrow.mjs"), "--file", path], {})


def compare(question, clients, address, with_node):
    what, tenant, flags, request = question
    request = {"dataset": "visits", **request}
    command = [os.environ["SEXTANT"], "--address", address, "query", "--tenant", tenant, "-d", request["dataset"], *flags,
               "--format"]
    wanted, error = output_of([*command, "csv"], {})
    if error:
        return [error]
    answers = [(name, *output_of(make_command(tenant), request)) for name, make_command in clients]
    if with_node:
        with tempfile.TemporaryDirectory() as folder:
            answers.extend(read_arrow([*command, "arrow"], folder))
    errors = []
    for name, found, error in answers:
        error = error or first_difference(wanted, found)
        if error:
            errors.append(f"{name}: {error}")
    if not errors:
        print(f"ok      {what}: {wanted.count(chr(10)) - 1} lines from {', '.join(name for name, *_ in answers)}")
    return errors


def check_refusal(refusal, clients):
    what, request, code = refusal
    errors = []
    for name, make_command in clients:
        result = subprocess.run(make_command("1"), input=json.dumps({"dataset": "visits", **request}), text=True,
                                capture_output=True, check=False)
        if result.returncode == 0 or code not in result.stderr:
            errors.append(f"{name}: wanted {code}, found status {result.returncode}: {result.stderr.strip()}")
    if not errors:
        print(f"ok      {what} is refused with {code}")
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--node", action="store_true")
    arguments = parser.parse_args()
    address = os.environ["SEXTANT_ADDRESS"]
    clients = [("python", lambda tenant: [str(HERE / "query.py"), address, "--tenant", tenant])]
    if arguments.node:
        clients.append(("node", lambda tenant: ["node", str(HERE / "query.mjs"), address, tenant]))
        clients.append(("arrow messages", lambda tenant: ["node", str(HERE / "arrow.mjs"), "--address", address,
                                                          "--tenant", tenant]))
    num_failed = 0
    for question in QUESTIONS:
        errors = compare(question, clients, address, arguments.node)
        for error in errors:
            print(f"FAILED  {question[0]}: {error}")
        num_failed += bool(errors)
    for refusal in REFUSALS:
        errors = check_refusal(refusal, clients)
        for error in errors:
            print(f"FAILED  {refusal[0]}: {error}")
        num_failed += bool(errors)
    sys.exit(1 if num_failed else 0)


if __name__ == "__main__":
    main()
