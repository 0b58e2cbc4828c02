-- When each pull request went through its stages; github.pull_requests is filled when releases are known.

-- Stage 1: who, where and when. A third of the choices of a week prefer later ones: the organisation grows.
CREATE TEMP TABLE started AS
SELECT i, t.account_id, t.num_people, week, repository_no, is_bot, size_bell,
  t.organisation || '/' || t.repositories[1 + repository_no] AS repository,
  -- People come and go: the active ones are a window that moves over all of them; a few of them write the most.
  (person_draw * person_draw / 1000 * (t.num_people / 2) / 1000 + week * (t.num_people / 2) / 156)::int4 AS author_no,
  CASE WHEN pg_temp.h(i, 13) % 151 = 0  -- around the changes of the clock in New York
       THEN (ARRAY[timestamptz '2024-03-10 05:30+00', timestamptz '2024-11-03 04:30+00', timestamptz '2025-03-09 05:30+00',
                   timestamptz '2025-11-02 04:30+00', timestamptz '2026-03-08 05:30+00'])[1 + (pg_temp.h(i, 14) % 5)::int]
            + pg_temp.seconds(pg_temp.h(i, 15) % 10800)
       ELSE (timestamp '2023-10-02' + make_interval(weeks => week, days => weekday, hours => hour)
             + pg_temp.seconds(pg_temp.h(i, 7) % 3600)) AT TIME ZONE t.zone END AS created_at
FROM (
  SELECT i, CASE WHEN i % 5 = 0 THEN 2 ELSE 1 END AS account_id,
    pg_temp.bell(pg_temp.h(i, 1)) AS size_bell,
    pg_temp.h(i, 2) % 100 < 12 AS is_bot,
    pg_temp.h(i, 3) % 1000 AS person_draw,
    pg_temp.h(i, 4) % 1000 AS repository_draw,
    -- Quiet weeks (Christmas, August) hand half of their work to some other week.
    (CASE WHEN (week % 52 IN (12, 13) AND pg_temp.h(i, 5) % 100 < 70) OR (week % 52 BETWEEN 43 AND 47 AND pg_temp.h(i, 5) % 100 < 35)
          THEN pg_temp.h(i, 6) % 156 ELSE week END)::int4 AS week,
    -- Position n of the text is the n-th of the evenly likely choices.
    substr('00000000000000011111111111111111122222222222222222233333333333333333334444444444444455566', 1 + (pg_temp.h(i, 8) % 88)::int, 1)::int AS weekday,
    strpos('abcdefghijklmnopqrstuvwx',
           substr('ahiijjjjkkkkkkllllllmmmnnnnoooooopppppqqqqrrrsstuvw', 1 + (pg_temp.h(i, 9) % 51)::int, 1)) - 1 AS hour
  FROM (
    SELECT i, CASE WHEN pg_temp.h(i, 10) % 3 = 0 THEN greatest(pg_temp.h(i, 11) % 156, pg_temp.h(i, 12) % 156)
                   ELSE pg_temp.h(i, 11) % 156 END AS week
    FROM generate_series(1::int8, :pull_requests) i
    OFFSET 0) weeks
  OFFSET 0) choices
JOIN tenants t USING (account_id)
CROSS JOIN LATERAL (SELECT (repository_draw * repository_draw * cardinality(t.repositories) / 1000000)::int4 AS repository_no) r;

-- Stage 2: ids in the order of time, sizes, and how long each stage takes. Seconds; NULL: the stage never comes.
CREATE TEMP TABLE staged AS
SELECT s.*, row_number() OVER (ORDER BY created_at, i) AS id,
  (row_number() OVER (PARTITION BY repository ORDER BY created_at, i))::int4 AS number,
  row_number() OVER (PARTITION BY account_id ORDER BY created_at, i) AS account_rank,
  greatest(1, CASE WHEN is_bot THEN pg_temp.h(i, 22) % 12 ELSE pg_temp.scaled(46, size_bell * 4) END)::int4 AS additions,
  (CASE WHEN is_bot THEN pg_temp.h(i, 23) % 12
        ELSE pg_temp.scaled(14, size_bell * 3 + pg_temp.bell(pg_temp.h(i, 23)) * 2) END)::int4 AS deletions,
  -- Bots take whole minutes and hours, so that samples tie, and some are exactly as long as a threshold allows.
  CASE WHEN is_bot THEN 60 * (1 + pg_temp.h(i, 24) % 5) ELSE pg_temp.scaled(16000, pg_temp.bell(pg_temp.h(i, 24)) * 4) END AS work_s,
  CASE WHEN pg_temp.h(i, 25) % 100 < 80 THEN CASE WHEN is_bot THEN 60 ELSE pg_temp.scaled(1800, pg_temp.bell(pg_temp.h(i, 26)) * 4) END END AS request_s,
  CASE WHEN pg_temp.h(i, 27) % 100 < 86
       THEN CASE WHEN is_bot THEN 7200 * (1 + pg_temp.h(i, 28) % 24) ELSE pg_temp.scaled(21600 - week * 75, pg_temp.bell(pg_temp.h(i, 28)) * 3 + size_bell / 2) END END AS review_s,
  CASE WHEN pg_temp.h(i, 29) % 100 < 84 THEN CASE WHEN is_bot THEN 0 ELSE pg_temp.scaled(9000, pg_temp.bell(pg_temp.h(i, 30)) * 4 + size_bell) END END AS approval_s,
  CASE WHEN is_bot THEN CASE WHEN pg_temp.h(i, 31) % 9 = 0 THEN 14400 ELSE 300 END ELSE pg_temp.scaled(2400, pg_temp.bell(pg_temp.h(i, 31)) * 3) END AS merge_s,
  CASE WHEN pg_temp.h(i, 32) % 100 < 11 THEN CASE WHEN is_bot THEN 259200 ELSE pg_temp.scaled(230000, pg_temp.bell(pg_temp.h(i, 33)) * 4) END END AS reject_s,
  pg_temp.h(i, 34) % 120 = 0 AS forgotten,
  CASE WHEN pg_temp.h(i, 35) % 400 = 0 THEN 90 END AS skew_s,      -- merged before opened
  pg_temp.h(i, 36) % 100 = 0 AS asked_late,                        -- reviewed before asked
  pg_temp.h(i, 42) % 120 = 0 AS asked_early,                       -- asked before there was work
  (1 + pg_temp.h(i, 37) % 4)::int4 AS num_reviews,
  (CASE WHEN pg_temp.h(i, 38) % 66 = 0 THEN 0
        ELSE 1 + pg_temp.h(i, 39) % 3 + least(pg_temp.scaled(46, size_bell * 4) / 100, 12) END)::int4 AS num_commits
FROM started s;

-- Stage 3: the instants.
CREATE TEMP TABLE timed AS
SELECT s.*, first_commit_at, pg_temp.known(requested) AS requested_at, reviewed_at, approved_at, merged_at,
  coalesce(merged_at, CASE WHEN reject_s IS NOT NULL THEN pg_temp.known(rejected) END) AS closed_at,
  merged_at IS NOT NULL AND pg_temp.h(i, 40) % 170 = 0 AS force_push_dropped,
  merged_at IS NOT NULL AND pg_temp.h(i, 41) % 100 = 0 AS release_ignored
FROM staged s
CROSS JOIN LATERAL (SELECT created_at - pg_temp.seconds(work_s) AS first_commit_at,
                           created_at + pg_temp.seconds(reject_s) AS rejected,
                           created_at + pg_temp.seconds(coalesce(request_s, 0) + review_s) AS reviewed) a
CROSS JOIN LATERAL (SELECT CASE WHEN rejected IS NULL OR reviewed < rejected THEN pg_temp.known(reviewed) END AS reviewed_at) b
CROSS JOIN LATERAL (SELECT CASE WHEN request_s IS NULL THEN NULL WHEN asked_late AND reviewed_at IS NOT NULL THEN reviewed_at + interval '10 minutes'
                                WHEN asked_early THEN first_commit_at - interval '5 minutes'
                                ELSE created_at + pg_temp.seconds(request_s) END AS requested,
                           reviewed_at + pg_temp.seconds(approval_s) AS approved) c
CROSS JOIN LATERAL (SELECT CASE WHEN rejected IS NULL OR approved < rejected THEN pg_temp.known(approved) END AS approved_at) d
-- Without an approval a change is merged all the same (it was not needed), unless it is forgotten or rejected.
CROSS JOIN LATERAL (SELECT CASE WHEN skew_s IS NOT NULL THEN created_at - pg_temp.seconds(skew_s)
                                ELSE coalesce(approved_at, reviewed_at, created_at + interval '3 hours') + pg_temp.seconds(merge_s) END AS merged) e
CROSS JOIN LATERAL (SELECT CASE WHEN reject_s IS NULL AND NOT forgotten THEN pg_temp.known(merged) END AS merged_at) f;
CREATE UNIQUE INDEX ON timed (id);
ANALYZE timed;
