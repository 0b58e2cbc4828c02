"""Compares result files with those of expected/: numbers within 1e-6, relative; no value is no number.

A file has keys and measures by the names of the spec; or, of a big result and where expected/ has
no more, the number of rows and the sum of each measure.
"""

import csv
import math
import os
import re

TOLERANCE = 1e-6
NOISE = 1e-9  # what is left of numbers that cancel out
_MIDNIGHT = re.compile(r"[ T]00:00:00.*$")
_NO_VALUE = ("", "\\N", "NaN", "nan")


def _read(path: str) -> tuple[list[str], list[list[str]]]:
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = [*csv.reader(file)] or [[""]]
    return header, rows


def _number(text: str) -> float:
    return 0.0 if text in _NO_VALUE else float(text)


def _summed(spec: dict, header: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    names = [measure["as"] for measure in spec["measures"]]
    sums = [sum(_number(row[header.index(name)]) for row in rows) for name in names]
    return ["rows", *names], [[str(len(rows)), *(repr(total) for total in sums)]]


def _key(text: str) -> str:
    return "" if text in _NO_VALUE else _MIDNIGHT.sub("", text)


def _ordered(names: list[str], num_keys: int, header: list[str],
             rows: list[list[str]]) -> list[list[str]]:
    """The columns `names`, keys as comparable text, sorted by the keys."""
    at = [header.index(name) for name in names]
    picked = [[_key(row[i]) if n < num_keys else row[i] for n, i in enumerate(at)]
              for row in rows]
    return sorted(picked, key=lambda row: row[:num_keys])


def _same(expected: str, found: str, none_is_zero: bool) -> bool:
    if (expected in _NO_VALUE) != (found in _NO_VALUE):
        return none_is_zero and expected in _NO_VALUE and float(found) == 0
    return math.isclose(_number(expected), _number(found), rel_tol=TOLERANCE, abs_tol=NOISE)


def difference(spec: dict, expected_path: str, found_path: str, sums_none_to_zero: bool = False) -> str:
    """What differs first, or "". `sums_none_to_zero`: whose sum of no values is 0, not NULL as in SQL."""
    if not os.path.exists(found_path):
        return "no result"
    expected, found = _read(expected_path), _read(found_path)
    if expected[0][0] == "rows" and found[0][0] != "rows":
        found = _summed(spec, *found)
    num_keys = 1 if expected[0][0] == "rows" else len(spec["keys"])
    names = expected[0]
    missing = [name for name in names if name not in found[0]]
    if missing:
        return f"no column {missing[0]}"
    sums = [measure["as"] for measure in spec["measures"] if measure["fn"] == "sum"]
    want, got = (_ordered(names, num_keys, *side) for side in (expected, found))
    if len(want) != len(got):
        return f"{len(got)} rows, expected {len(want)}"
    for wanted, gotten in zip(want, got):
        for column, (left, right) in enumerate(zip(wanted, gotten)):
            none_is_zero = sums_none_to_zero and names[column] in sums
            equal = left == right if column < num_keys else _same(left, right, none_is_zero)
            if not equal:
                return f"{names[column]} of {gotten}, expected {wanted}"
    return ""
