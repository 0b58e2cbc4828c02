"""The files of the repository, and the one way in which a check reports."""

import os
import subprocess
import sys
from typing import Callable, Iterator, NamedTuple

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))


class Finding(NamedTuple):
    """Something a check does not accept; `line` counts from 1, 0 means the whole file."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"


# What a check is: it gets one file, by its path from the root, and says what is wrong with it.
Check = Callable[[str, str], Iterator[Finding]]


def all_paths() -> list[str]:
    """Every file that is tracked, or new and not ignored; without git, every file but build/."""
    listing = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False) if _has_git() else None
    if listing is not None and listing.returncode == 0:
        paths = listing.stdout.split("\0")[:-1]
        return sorted(path for path in paths if os.path.isfile(os.path.join(ROOT, path)))
    return sorted(_walk())


def _has_git() -> bool:
    return os.path.exists(os.path.join(ROOT, ".git"))


def _walk() -> Iterator[str]:
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [name for name in subfolders
                         if name not in ("build", "node_modules", "__pycache__", ".git")]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), ROOT)


def read(path: str) -> str:
    """The text of a file; bytes that are not UTF-8 become U+FFFD."""
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def is_cpp(path: str) -> bool:
    return path.endswith((".h", ".cc"))


def run(check: Check, selects: Callable[[str], bool]) -> None:
    """Applies `check` to each file that `selects` takes; ends the program with 1 if it finds."""
    paths = [path for path in all_paths() if selects(path)]
    if not paths:
        sys.exit("no files to check: the selection of this check is wrong")
    found = [finding for path in paths for finding in check(path, read(path))]
    for finding in found:
        print(finding)
    print(f"{len(paths)} files, {len(found)} findings")
    sys.exit(1 if found else 0)
