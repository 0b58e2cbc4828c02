"""The hand-written SQL of sql/ENTITY.sql, read into sections.

A file is made of parts, each begun by a comment:

  -- prepare                     statements that make temporary tables
  -- group COLUMN                begins a section: its metrics are asked together, by this group; several in a row: by each
  -- group each COLUMN           the same of a list: a sample is in the group of each of its elements
  -- samples PIN: WHAT           a SELECT of samples: account_id, the columns of the groups, what the metrics take, and by PIN
       at                        `at`: the sample counts in the interval that holds it
       during                    `since`, `until`: in every interval that [since, until) overlaps
       as_of_end                 `since`, `until`: in every interval whose end is in (since, until]
  -- metric NAME [else V]: SQL   the aggregate of those samples in a cell; V is the value of a cell without samples, NULL
                                 where it is not said
  -- clipped NAME [else V]: SQL  the same of a request that clips: of the samples whose `seconds` lie within the middle half
                                 of those of their group and fortnight
  -- cells                       the metrics that follow are SQL over those of the section, by their names
"""

import pathlib
import re
from dataclasses import dataclass, field

SQL = pathlib.Path(__file__).resolve().parent / "sql"
_BEGIN = re.compile(r"-- (prepare|cells|group|samples|metric|clipped)\b ?(.*)$")
_METRIC = re.compile(r"(\S+?)(?: else (\S+))?: (.+)$")
_SAMPLES = re.compile(r"(at|during|as_of_end): .+$")
_GROUP = re.compile(r"(each )?(\w+)$")


@dataclass
class Metric:
    name: str
    sql: str
    without_samples: str | None


@dataclass
class Samples:
    pin: str | None  # None: over cells of other metrics
    sql: str
    metrics: list[Metric] = field(default_factory=list)
    clipped: list[Metric] = field(default_factory=list)


@dataclass
class Section:
    groups: list[tuple[str, bool]]  # column, and whether it is a list
    samples: list[Samples] = field(default_factory=list)

    def metrics(self):
        return [metric for samples in self.samples for metric in samples.metrics]

    def clipped(self):
        return [metric for samples in self.samples for metric in samples.clipped]


@dataclass
class Entity:
    name: str
    prepare: str = ""
    sections: list[Section] = field(default_factory=list)


class _Reader:
    def __init__(self, name):
        self.entity = Entity(name)
        self._target = None  # of lines without a beginning

    def begin(self, keyword, rest):
        match keyword:
            case "group":
                self._begin_group(*_GROUP.match(rest).groups())
            case "samples":
                self._begin_samples(_SAMPLES.match(rest)[1])
            case "cells":
                self._begin_samples(None)
            case "metric" | "clipped":
                name, without_samples, sql = _METRIC.match(rest).groups()
                samples = self.entity.sections[-1].samples[-1]
                (samples.metrics if keyword == "metric" else samples.clipped).append(Metric(name, sql, without_samples))
        self._target = keyword

    def _begin_group(self, each, column):
        if self._target != "group":
            self.entity.sections.append(Section([]))
        self.entity.sections[-1].groups.append((column, bool(each)))

    def _begin_samples(self, pin):
        self.entity.sections[-1].samples.append(Samples(pin, ""))

    def add(self, line):
        if self._target == "prepare":
            self.entity.prepare += line
        elif self._target == "samples":
            self.entity.sections[-1].samples[-1].sql += line
        elif line.strip() and not line.startswith("--"):
            raise ValueError(f"{self.entity.name}: found '{line.strip()}' after '-- {self._target}'")


def read_entity(path):
    reader = _Reader(path.stem)
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if begin := _BEGIN.match(line.rstrip("\n")):
            reader.begin(begin[1], begin[2])
        else:
            reader.add(line)
    return reader.entity


def read_all():
    return [read_entity(path) for path in sorted(SQL.glob("*.sql"))]
