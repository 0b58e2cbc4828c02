"""Cells as PostgreSQL computes them from the hand-written definitions: one script per entity and zone."""

from definitions import Metric, Samples

FROM, TO = "2024-01-01", "2026-09-28"  # Mondays

_WEEKS = """
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE TEMP TABLE week AS
SELECT local_start, local_start AT TIME ZONE '{zone}' AS start, (local_start + interval '7 days') AT TIME ZONE '{zone}' AS "end"
FROM generate_series(timestamp '{begin}', timestamp '{end}' - interval '7 days', interval '7 days') local_start;
CREATE TEMP TABLE cell (grouping_column text, metric text, account_id int4, place text, start timestamptz, value float8);
"""

# Which weeks a sample is in. Of `at` by its local week: quick, and the same where every Monday begins at 0:00.
_PINS = {
    "at": "w.local_start = date_trunc('week', s.at AT TIME ZONE '{zone}')",
    "during": "s.since < w.\"end\" AND (s.until IS NULL OR s.until > w.start OR (s.until = s.since AND s.since >= w.start))"
              " AND (s.until IS NULL OR s.until >= s.since)",
    "as_of_end": "s.since < w.\"end\" AND (s.until IS NULL OR w.\"end\" <= s.until)",
}

_FROM_SAMPLES = """
INSERT INTO cell SELECT '{column}', metric, account_id, place, start, value FROM (
  SELECT account_id, place, start, {columns}
  FROM (SELECT s.*, {place} AS place, w.start FROM samples_{number} s JOIN week w ON {pin}) s
  GROUP BY account_id, place, start) c
CROSS JOIN LATERAL (VALUES {values}) m(metric, value) WHERE value IS NOT NULL;
"""

_FROM_CELLS = """
INSERT INTO cell SELECT '{column}', metric, account_id, place, start, value FROM (
  SELECT account_id, place, start, {columns}
  FROM (SELECT account_id, place, start, {operands} FROM cell WHERE grouping_column = '{column}' GROUP BY 1, 2, 3) operands) c
CROSS JOIN LATERAL (VALUES {values}) m(metric, value) WHERE value IS NOT NULL;
"""


def _columns(metrics: list[Metric]):
    return ", ".join(f"({metric.sql})::float8 AS \"{metric.name}\"" for metric in metrics)


def _values(metrics: list[Metric]):
    return ", ".join(f"('{metric.name}', \"{metric.name}\")" for metric in metrics)


def _from_samples(samples: Samples, number, column, is_list, zone):
    return _FROM_SAMPLES.format(column=column, columns=_columns(samples.metrics), values=_values(samples.metrics), number=number,
                                place=f"unnest(s.{column})" if is_list else f"s.{column}",
                                pin=_PINS[samples.pin].format(zone=zone))


def _from_cells(section, metrics: list[Metric], column):
    operands = ", ".join(f"max(value) FILTER (WHERE metric = '{metric.name}') AS \"{metric.name}\""
                         for samples in section.samples if samples.pin for metric in samples.metrics)
    return _FROM_CELLS.format(column=column, columns=_columns(metrics), values=_values(metrics), operands=operands)


def script(entity, zone):
    """SQL that prints every cell of `entity` that has a value: group, metric, tenant, place, start and value, as CSV."""
    parts = [_WEEKS.format(zone=zone, begin=FROM, end=TO), entity.prepare]
    number = 0
    for section in entity.sections:
        for samples in section.samples:
            number += 1
            if samples.pin:
                parts.append(f"CREATE TEMP TABLE samples_{number} AS {samples.sql};\n")
            for column, is_list in section.groups:
                parts.append(_from_samples(samples, number, column, is_list, zone) if samples.pin
                             else _from_cells(section, samples.metrics, column))
    parts.append("COPY cell TO STDOUT (FORMAT csv);\n")
    return "".join(parts)
