"""Which ids the catalogue is to have (ids.txt), which its README leaves out, and which that says to wait."""

import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
README = HERE.parents[2] / "deploy" / "catalogs" / "engineering" / "README.md"
MOST_LEFT_OUT = 8
# What the original counts beside its ids, commits that bypass review; and what an id is a share of.
OTHERS = {"bypassed_commits", "bypassed_lines", "total_commits", "total_lines", "pr-complete-cycle-time"}


def wanted():
    return set((HERE / "ids.txt").read_text(encoding="utf-8").split())


def _section(text, title):
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0] if f"\n## {title}\n" in text else ""


def left_out(readme):
    return set(re.findall(r"^- `([\w-]+)`:", _section(readme, "Left out"), re.MULTILINE))


def waiting(readme):
    rows = [row for row in _section(readme, "Waiting").splitlines() if row.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([\w-]+)`", row.split("|")[2])}


def contradictions(catalogued, defined, readme):
    """Sentences; none when every id is in the catalogue with SQL, or the README says why not.

    catalogued: the names of the metrics that the server has. defined: those that have SQL, each once.
    """
    absent = left_out(readme) | waiting(readme)
    found = [f"{name}: has no hand-written SQL" for name in catalogued - set(defined)]
    found += [f"{name}: has hand-written SQL and is not in the catalogue" for name in set(defined) - catalogued]
    found += [f"{name}: has hand-written SQL twice" for name in set(defined) if defined.count(name) > 1]
    found += [f"{name}: neither in the catalogue nor named by its README" for name in wanted() - catalogued - absent]
    found += [f"{name}: in the catalogue, and absent according to its README" for name in catalogued & absent]
    found += [f"{name}: named by the README, and no id" for name in absent - wanted()]
    found += [f"{name}: in the catalogue, and no id" for name in catalogued - wanted() - OTHERS]
    if len(left_out(readme)) > MOST_LEFT_OUT:
        found.append(f"{len(left_out(readme))} ids are left out; at most {MOST_LEFT_OUT}")
    return sorted(found)
