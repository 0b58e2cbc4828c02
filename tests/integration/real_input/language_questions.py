"""Questions in the whole language of a query, as questions.py explains; a fifth member is the relative bound of floats.

Written from the definitions in the documentation, not from what the product prints.
"""

BERLIN, NEW_YORK, KOLKATA = "Europe/Berlin", "America/New_York", "Asia/Kolkata"

# Sums of squares and correlations: both sides round many times.
COMPUTED = 1e-9


def weeks(first, count, zone=None):
    """The borders of `count` weeks as (start, end) rows, in the time zone of the session."""
    return (f"(SELECT (timestamp '{first}' + i * interval '7 days')::timestamptz AS s, "
            f"(timestamp '{first}' + (i + 1) * interval '7 days')::timestamptz AS e "
            f"FROM generate_series(0, {count - 1}) AS i) AS w")


LANGUAGE_QUESTIONS = [
    ("arithmetic in a filter", "UTC",
     ["-m", "n = count(*)", "-g", "repository", "-w", "(additions + deletions) * 2 > 100 AND additions % 3 = 1"],
     """SELECT repository COLLATE "C", count(*) FROM commits
        WHERE (additions::int8 + deletions) * 2 > 100 AND additions % 3 = 1 GROUP BY 1 ORDER BY 1"""),
    ("columns against columns", "UTC",
     ["-m", "n = count(*)", "-g", "kind", "-w", "additions > deletions AND author <> committer"],
     """SELECT kind COLLATE "C", count(*) FROM commits WHERE additions > deletions AND author <> committer
        GROUP BY 1 ORDER BY 1"""),
    ("patterns", "UTC",
     ["-m", "n = count(*)", "-g", "repository", "-w",
      "release LIKE 'v1.%' OR repository ILIKE '%PY%' OR repository ~ '^[a-d].*[0-9]$'"],
     """SELECT repository COLLATE "C", count(*) FROM commits
        WHERE release LIKE 'v1.%' OR repository COLLATE "C" ILIKE '%PY%' OR repository COLLATE "C" ~ '^[a-d].*[0-9]$'
        GROUP BY 1 ORDER BY 1"""),
    ("CASE and coalesce in a value", "UTC",
     ["-m", "s = sum(CASE WHEN kind = 'fix' THEN additions WHEN kind IS NULL THEN -1 ELSE 0 END)",
      "-m", "c = sum(coalesce(additions, deletions, 0))", "-g", "repository"],
     """SELECT repository COLLATE "C", sum(CASE WHEN kind = 'fix' THEN additions WHEN kind IS NULL THEN -1 ELSE 0 END),
               sum(coalesce(additions, deletions, 0)) FROM commits GROUP BY 1 ORDER BY 1"""),
    ("functions of numbers and texts", "UTC",
     ["-m", "a = max(abs(additions - deletions))", "-m", "l = max(length(author))", "-m", "g = sum(greatest(additions, deletions))",
      "-g", "kind", "-w", "upper(repository) > 'K'"],
     """SELECT kind COLLATE "C", max(abs(additions - deletions)), max(length(author)), sum(greatest(additions, deletions))
        FROM commits WHERE upper(repository COLLATE "C") COLLATE "C" > 'K' GROUP BY 1 ORDER BY 1"""),
    ("parts of a time in the zone of the request", NEW_YORK,
     ["-m", "n = count(*)", "-w", "extract(isodow FROM committed_at) >= 6 AND extract(hour FROM committed_at) < 5", "-g", "parents"],
     """SELECT parents, count(*) FROM commits
        WHERE extract(isodow FROM committed_at) >= 6 AND extract(hour FROM committed_at) < 5 GROUP BY 1 ORDER BY 1"""),
    ("an interval from now on", BERLIN,
     ["-m", "n = count(*)", "-w", "date_trunc('month', committed_at) + interval '1 month' > released_at", "-g", "repository"],
     """SELECT repository COLLATE "C", count(*) FROM commits
        WHERE date_trunc('month', committed_at) + interval '1 month' > released_at GROUP BY 1 ORDER BY 1"""),
    ("IS DISTINCT FROM and three values", "UTC",
     ["-m", "n = count(*)", "-g", "is_bot", "-w", "kind IS DISTINCT FROM 'fix' AND (additions > 10) IS NOT TRUE"],
     "SELECT is_bot, count(*) FROM commits WHERE kind IS DISTINCT FROM 'fix' AND (additions > 10) IS NOT TRUE GROUP BY 1 ORDER BY 1"),
    ("lists and their lengths", "UTC",
     ["-m", "n = count(*)", "-m", "m = max(cardinality(languages))", "-g", "repository", "-w",
      "array_length(languages, 1) > 1 AND 'py' <> ALL(languages)"],
     """SELECT repository COLLATE "C", count(*), max(cardinality(languages)) FROM commits
        WHERE array_length(languages, 1) > 1 AND 'py' <> ALL(languages) GROUP BY 1 ORDER BY 1"""),
    ("FILTER of an aggregate", "UTC",
     ["-m", "fixes = count(*) FILTER (WHERE kind = 'fix')", "-m", "big = sum(additions) FILTER (WHERE additions > 1000)",
      "-m", "n = count(*)", "-g", "repository"],
     """SELECT repository COLLATE "C", count(*) FILTER (WHERE kind = 'fix'), sum(additions) FILTER (WHERE additions > 1000), count(*)
        FROM commits GROUP BY 1 ORDER BY 1"""),
    ("arithmetic over aggregates", "UTC",
     ["-m", "r = sum(additions)::float8 / count(*)", "-m", "d = sum(additions) - sum(deletions)", "-g", "kind"],
     """SELECT kind COLLATE "C", sum(additions)::float8 / count(*), sum(additions) - sum(deletions)
        FROM commits GROUP BY 1 ORDER BY 1"""),
    ("spread", "UTC",
     ["-m", "s = stddev(additions)", "-m", "v = var_pop(files_changed)", "-m", "c = corr(additions, deletions)", "-g", "repository"],
     """SELECT repository COLLATE "C", stddev(additions)::float8, var_pop(files_changed)::float8, corr(additions, deletions)
        FROM commits GROUP BY 1 ORDER BY 1""", COMPUTED),
    ("quantiles", "UTC",
     ["-m", "m = median(additions)", "-m", "p = percentile_cont(0.95) WITHIN GROUP (ORDER BY files_changed)",
      "-m", "d = percentile_disc(0.5) WITHIN GROUP (ORDER BY author)", "-g", "kind"],
     """SELECT kind COLLATE "C", percentile_cont(0.5) WITHIN GROUP (ORDER BY additions),
               percentile_cont(0.95) WITHIN GROUP (ORDER BY files_changed),
               percentile_disc(0.5) WITHIN GROUP (ORDER BY author COLLATE "C") FROM commits GROUP BY 1 ORDER BY 1"""),
    ("mode and bools", "UTC",
     ["-m", "m = mode() WITHIN GROUP (ORDER BY files_changed)", "-m", "any = bool_or(is_bot)", "-m", "all = bool_and(additions > 0)",
      "-g", "repository"],
     """SELECT repository COLLATE "C", mode() WITHIN GROUP (ORDER BY files_changed), bool_or(is_bot), bool_and(additions > 0)
        FROM commits GROUP BY 1 ORDER BY 1"""),
    ("the greatest by another column, ties by key", "UTC",
     ["-m", "largest = (array_agg(author ORDER BY additions DESC))[1]", "-m", "second = (array_agg(id ORDER BY additions DESC))[2]",
      "-g", "repository"],
     """SELECT repository COLLATE "C", (array_agg(author ORDER BY additions DESC, id) FILTER (WHERE additions IS NOT NULL))[1],
               (array_agg(id ORDER BY additions DESC, id) FILTER (WHERE additions IS NOT NULL))[2]
        FROM commits GROUP BY 1 ORDER BY 1"""),
    ("hours of a day with 23 of them", BERLIN,
     ["-m", "n = count(*)", "--at", "committed_at", "-i", "hour", "--from", "2021-03-28", "--to", "2021-03-29"],
     """SELECT date_trunc('hour', committed_at), count(*) FROM commits
        WHERE committed_at >= '2021-03-28' AND committed_at < '2021-03-29' GROUP BY 1 ORDER BY 1"""),
    ("quarters and years in Kolkata", KOLKATA,
     ["-m", "n = count(*)", "--at", "committed_at", "-i", "quarter", "--from", "2015-01-01", "--to", "2020-01-01"],
     """SELECT date_trunc('quarter', committed_at), count(*) FROM commits
        WHERE committed_at >= '2015-01-01' AND committed_at < '2020-01-01' GROUP BY 1 ORDER BY 1"""),
    ("two weeks at a time", "UTC",
     ["-m", "n = count(*)", "--at", "committed_at", "-i", "2 week", "--from", "2021-01-04", "--to", "2021-07-05"],
     """SELECT greatest(timestamptz '2000-01-03' + floor(extract(epoch FROM committed_at - timestamptz '2000-01-03') / 1209600)
                        * interval '14 days', timestamptz '2021-01-04'), count(*) FROM commits
        WHERE committed_at >= '2021-01-04' AND committed_at < '2021-07-05' GROUP BY 1 ORDER BY 1"""),
    ("whole weeks only", BERLIN,
     ["-m", "n = count(*)", "--at", "committed_at", "-i", "week", "--from", "2021-01-01", "--to", "2021-02-03", "--exclude-partial"],
     """SELECT date_trunc('week', committed_at), count(*) FROM commits
        WHERE committed_at >= '2021-01-04' AND committed_at < '2021-02-01' GROUP BY 1 ORDER BY 1"""),
    ("waiting for its release: during", BERLIN,
     ["-m", "n = count(*)", "--during", "committed_at, released_at", "-i", "week", "--from", "2021-02-01", "--to", "2021-05-03",
      "-w", "repository < 'f'"],
     f"""SELECT w.s, count(*) FROM {weeks('2021-02-01', 13)} JOIN commits
         ON committed_at < w.e AND (released_at > w.s OR released_at IS NULL OR (released_at = committed_at AND committed_at >= w.s))
         WHERE repository COLLATE "C" < 'f' AND (released_at >= committed_at OR released_at IS NULL) GROUP BY 1 ORDER BY 1"""),
    ("still waiting at the end of each week", BERLIN,
     ["-m", "n = count(*)", "--as-of-end", "committed_at, released_at", "-i", "week", "--from", "2021-02-01", "--to", "2021-05-03"],
     f"""SELECT w.s, count(*) FROM {weeks('2021-02-01', 13)} JOIN commits
         ON committed_at < w.e AND (released_at >= w.e OR released_at IS NULL) GROUP BY 1 ORDER BY 1"""),
    ("bins", "UTC",
     ["-m", "n = count(*)", "-m", "d = sum(deletions)", "-g", "additions:bins(0,1,10,100,1000)", "-g", "is_bot"],
     """SELECT e.low, is_bot, count(*), sum(deletions) FROM commits
        JOIN (VALUES (0, 1), (1, 10), (10, 100), (100, 1000)) AS e (low, high) ON additions >= low AND additions < high
        GROUP BY 1, 2 ORDER BY 1, 2"""),
    ("overlapping sets of the catalogue", "UTC",
     ["-m", "n = count(*)", "-m", "a = count(DISTINCT author)", "-g", "set:sizes"],
     """SELECT s.name, count(*), count(DISTINCT author) FROM commits
        JOIN (VALUES (1, 'small'), (2, 'large'), (3, 'all')) AS s (i, name)
        ON (i = 1 AND additions < 10) OR (i = 2 AND additions > 500) OR (i = 3 AND additions IS NOT NULL)
        GROUP BY s.i, s.name ORDER BY s.i"""),
    ("having", "UTC",
     ["-m", "n = count(*)", "-m", "a = sum(additions)", "-g", "author", "--having", "n > 33 AND a / n < 2400"],
     """SELECT author COLLATE "C", count(*), sum(additions) FROM commits GROUP BY 1
        HAVING count(*) > 33 AND sum(additions)::float8 / count(*) < 2400 ORDER BY 1"""),
    ("a ratio of the catalogue", BERLIN,
     ["-m", "bot-share", "-m", "commits", "-g", "repository", "--from", "2020-01-01", "--to", "2021-01-01"],
     """SELECT repository COLLATE "C", count(*) FILTER (WHERE is_bot)::float8 / count(*), count(*) FROM commits
        WHERE committed_at >= '2020-01-01' AND committed_at < '2021-01-01' GROUP BY 1 ORDER BY 1"""),
    ("several series in one request", BERLIN,
     ["-m", "n = count(*)", "--at", "committed_at", "-i", "year", "-i", "all", "--from", "2019-01-01", "--to", "2021-01-01"],
     """SELECT series, s, n FROM (
        SELECT 1 AS i, 'year' AS series, date_trunc('year', committed_at) AS s, count(*) AS n FROM commits
        WHERE committed_at >= '2019-01-01' AND committed_at < '2021-01-01' GROUP BY 3
        UNION ALL SELECT 2, 'all', timestamptz '2019-01-01', count(*) FROM commits
        WHERE committed_at >= '2019-01-01' AND committed_at < '2021-01-01') AS both_series ORDER BY i, s"""),
]
