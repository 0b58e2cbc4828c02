"""Row-proportional storage is a tracked Buffer, so that the memory budget sees it.

A data member of a standard or Abseil container in compute/column or storage must therefore say, on
its own lines or on the line above, why it does not grow with the rows:

  std::vector<Field> fields_;  // not row-proportional: one per column

or that it is charged to the budget by hand:

  absl::flat_hash_map<std::string, RowRange> ranges_;  // charged to reservation_

What is said on the line that opens a class, or on the one above, holds for all its members:

  struct DatasetSpec {  // not row-proportional: written by people
"""

import re
from typing import Iterator

import cpp_scopes
from source_files import Finding, is_cpp, run

_FOLDERS = ("compute/column/", "storage/")
_CONTAINER = re.compile(
    r"\b(?:std::(?:vector|deque|list|forward_list|map|multimap|set|multiset|unordered_\w+|queue"
    r"|stack|priority_queue|valarray)|absl::(?:flat_hash_|node_hash_|btree_|Inlined|Fixed)\w+)\s*<")
_REASON = re.compile(r"//.*\b(?:not row-proportional: \S+|charged to \w*reservation)")


def check(path: str, text: str) -> Iterator[Finding]:
    lines = text.splitlines()
    for member in cpp_scopes.members(text):
        container = _CONTAINER.search(member.text)
        if container is None:
            continue
        nearby = (lines[max(member.first_line - 2, 0):member.last_line] +
                  lines[max(member.class_line - 2, 0):member.class_line])
        if not any(_REASON.search(line) for line in nearby):
            yield Finding(path, member.last_line,
                          f"{container.group()}...> is no tracked Buffer; use one, or add "
                          "'// not row-proportional: <reason>'")


if __name__ == "__main__":
    run(check, lambda path: is_cpp(path) and path.startswith(_FOLDERS))
