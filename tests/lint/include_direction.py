"""Who may know whom: the arrows of ARCHITECTURE.md, and the one home of each foreign library.

  service -> storage -> compute/{memory,column,plan}      service -> compute
  memory <- column <- plan <- operators <- exec, kernels -> column, operators -> kernels
"""

import os
import posixpath
import re
from typing import Iterator, Optional

from source_files import ROOT, Finding, is_cpp, run

# Folder -> the folders of ours that it may include besides itself. The longest match counts.
MAY_KNOW = {
    "compute/memory": (),
    "compute/column": ("compute/memory",),
    "compute/plan": ("compute/column", "compute/memory"),
    "compute/kernels": ("compute/column", "compute/memory"),
    "compute/operators": ("compute/kernels", "compute/plan", "compute/column", "compute/memory"),
    "compute/exec": ("compute",),
    "storage": ("compute/plan", "compute/column", "compute/memory"),
    "service": ("storage", "compute"),
    "tests": ("service", "storage", "compute"),
}

_GRPC_HOMES = ("service/rpc", "service/translation", "service/wire", "service/cli",
               "service/admission", "service/server", "service/health")

# What it is, how its includes look, the path prefixes that may include it. Tests may include all.
FOREIGN = (
    ("libpq", r"libpq-fe\.h|libpq/|postgres_ext\.h|pg_config", ("storage/postgres/",)),
    ("libpqxx", r"pqxx/", ("storage/postgres/",)),
    ("prometheus-cpp", r"prometheus/", ("service/instrumentation",)),
    ("CivetServer", r"civetweb\.h|CivetServer\.h",
     ("service/instrumentation", "service/health", "service/console/")),
    ("gRPC", r"grpc/|grpcpp/|grpc\+\+/|.*\.grpc\.pb\.h", _GRPC_HOMES),
    ("protobuf", r"google/protobuf/|.*\.pb\.h",
     ("proto/", "service/rpc", "service/translation", "service/wire", "service/cli")),
    ("yaml-cpp", r"yaml-cpp/", ("service/catalog/", "service/config")),
    ("libpg_query", r"pg_query\.h|protobuf/pg_query", ("compute/plan/expression_parser",)),
    ("nlohmann-json", r"nlohmann/", ("compute/plan/expression_parser",)),
    ("CLI11", r"CLI/", ("service/cli/", "service/config", "service/main.cc")),
    ("Highway", r"hwy/", ("compute/",)),
)

# compute is closed: besides FOREIGN it sees the standard library, Abseil, RE2 and these of POSIX.
_COMPUTE_ALSO = re.compile(
    r"[a-z_0-9]+$|absl/|re2/|(sys/mman|malloc|unistd|pthread|sched|immintrin)\.h$")

_INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def _home(path: str, folders) -> Optional[str]:
    """The longest of `folders` that `path` lies in."""
    inside = [folder for folder in folders if path.startswith(folder + "/")]
    return max(inside, key=len, default=None)


def _ours(included: str) -> bool:
    return _home(included, MAY_KNOW) is not None


def _wrong_direction(path: str, included: str) -> Optional[str]:
    here = _home(path, MAY_KNOW)
    there = _home(included, MAY_KNOW)
    if here is None or there == here:
        return None
    if any(included.startswith(folder + "/") for folder in MAY_KNOW[here]):
        return None
    known = ", ".join(MAY_KNOW[here]) or "nothing of ours"
    return f"{here} must not know {included}; it may know {known}"


def _wrong_home(path: str, included: str) -> Optional[str]:
    for name, pattern, homes in FOREIGN:
        if re.match(pattern, included):
            if path.startswith(homes):
                return None
            return f"{name} ({included}) may be included in {', '.join(homes)} only"
    if path.startswith("compute/") and not _COMPUTE_ALSO.match(included):
        return (f"compute must not include {included}; it may include the standard library, "
                "Abseil, RE2 and Highway")
    return None


def check(path: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), start=1):
        match = _INCLUDE.match(line)
        if match is None:
            continue
        quote, included = match.groups()
        if _ours(included):
            message = _wrong_direction(path, included)
        elif path.startswith("tests/"):
            message = None
        else:
            message = _wrong_home(path, included)
        if message is None and quote == '"' and _is_relative(path, included):
            message = f'"{included}" must be written from the root of the repository'
        if message is not None:
            yield Finding(path, number, message)


def _is_relative(path: str, included: str) -> bool:
    beside = posixpath.join(posixpath.dirname(path), included)
    return included.startswith(".") or (
        not _ours(included) and os.path.exists(os.path.join(ROOT, beside)))


if __name__ == "__main__":
    run(check, is_cpp)
