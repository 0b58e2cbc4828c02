"""Cells as PostgreSQL computes them from the hand-written definitions: one script per entity and zone."""

from definitions import Metric, Samples

FROM, TO = "2024-01-01", "2026-09-28"  # Mondays
# Groups are small here: at 0.95 hardly one would lose a sample. With quarters, ranks of a half come up.
CLIP_LOW, CLIP_HIGH = "0.25", "0.75"
CLIPPED = ", clipped"  # in the name of a grouping

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

# Of each group and fortnight, counted from a Monday in UTC whatever the zone, what is between the samples of two ranks.
# PostgreSQL rounds a float8 half to even.
_KEPT = """
CREATE TEMP TABLE {kept} AS
WITH placed AS (SELECT s.*, {place} AS place, floor(extract(epoch FROM s.at - timestamptz '2000-01-03 00:00+00') / 1209600) AS tile
                FROM samples_{number} s WHERE s.seconds IS NOT NULL),
cut AS (SELECT account_id, place, tile, array_agg(seconds ORDER BY seconds) AS ordered, count(*) AS n FROM placed GROUP BY 1, 2, 3)
SELECT p.* FROM placed p JOIN cut c ON p.account_id = c.account_id AND p.place IS NOT DISTINCT FROM c.place AND p.tile = c.tile
WHERE seconds BETWEEN ordered[1 + round({low} * (n - 1)::float8)::int] AND ordered[1 + round({high} * (n - 1)::float8)::int];
"""

_FROM_SAMPLES = """
INSERT INTO cell SELECT '{grouping}', metric, account_id, place, start, value FROM (
  SELECT account_id, place, start, {columns}
  FROM (SELECT s.*{place}, w.start FROM {samples} s JOIN week w ON {pin}) s
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
    place = f"unnest(s.{column})" if is_list else f"s.{column}"
    pin = _PINS[samples.pin].format(zone=zone)
    text = ""
    if samples.metrics:
        text += _FROM_SAMPLES.format(grouping=column, columns=_columns(samples.metrics), values=_values(samples.metrics),
                                     samples=f"samples_{number}", place=f", {place} AS place", pin=pin)
    if samples.clipped:
        kept = f"kept_{number}_{column}"
        text += _KEPT.format(kept=kept, number=number, place=place, low=CLIP_LOW, high=CLIP_HIGH)
        text += _FROM_SAMPLES.format(grouping=column + CLIPPED, columns=_columns(samples.clipped),
                                     values=_values(samples.clipped), samples=kept, place="", pin=pin)
    return text


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
