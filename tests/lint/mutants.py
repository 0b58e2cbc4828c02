"""Every mutant of the oracle changes the file that it names: else it is out of date, and says nothing."""

import os
import subprocess
from typing import Iterator

from source_files import ROOT, Finding, read, run


def is_mutant(path: str) -> bool:
    return path.startswith("tests/oracle/mutants/") and path.endswith(".sed")


def check(path: str, text: str) -> Iterator[Finding]:
    lines = text.splitlines()
    if len(lines) < 3 or not lines[0].startswith("# ") or not lines[1].startswith("# "):
        yield Finding(path, 1, "must name its file and what it breaks in its first two lines")
        return
    target = lines[0][2:]
    if not os.path.isfile(os.path.join(ROOT, target)):
        yield Finding(path, 1, f"'{target}' is not there")
        return
    mutated = subprocess.run(["sed", text, os.path.join(ROOT, target)], capture_output=True, text=True, check=False)
    if mutated.returncode != 0:
        yield Finding(path, 0, f"sed: {mutated.stderr.strip()}")
    elif mutated.stdout == read(target):
        yield Finding(path, 0, f"changes nothing in {target}: it is out of date")


if __name__ == "__main__":
    run(check, is_mutant)
