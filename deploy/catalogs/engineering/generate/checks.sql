-- Check suites of the last commit of a pull request, of some first ones, and of half of the commits that bypass; some
-- are run again, and a run that failed may pass then.

CREATE TEMP TABLE suites AS
SELECT row_number() OVER (ORDER BY started_at, commit_id, again) AS suite_id, * FROM (
  SELECT c.commit_id, c.account_id, c.repository, c.repository_no, c.id, again, d.draw,
    g.pushed_at + pg_temp.seconds(5 + pg_temp.h(d.draw, 110) % 90 + again * (1200 + pg_temp.h(d.draw, 111) % 9000)) AS started_at,
    (1 + pg_temp.h(c.commit_id, 112) % 5)::int4 AS num_runs,
    pg_temp.h(d.draw, 113) % 100 AS luck
  FROM committed c JOIN github.commits g ON g.id = c.commit_id
  CROSS JOIN generate_series(0, 1) again
  CROSS JOIN LATERAL (SELECT c.commit_id * 2 + again AS draw) d
  WHERE (j = num_commits - 1 OR (j = 0 AND pg_temp.h(c.commit_id, 114) % 10 < 3))
    AND (c.id IS NOT NULL OR pg_temp.h(c.commit_id, 115) % 2 = 0)
    AND (again = 0 OR pg_temp.h(c.commit_id, 116) % 100 < 8)
) s WHERE started_at < timestamptz '2026-09-28';

CREATE TEMP TABLE runs AS
SELECT row_number() OVER (ORDER BY started_at, suite_id, k) AS run_id, * FROM (
  SELECT s.suite_id, s.account_id, s.repository, s.commit_id, s.id, k, luck,
    -- The second and the fourth are parts of one check, side by side.
    (ARRAY['build', 'unit', 'lint', 'integration', 'end-to-end', 'docs', 'package'])[1 + (CASE k WHEN 3 THEN 1 ELSE k END + repository_no) % 7] AS name,
    s.started_at + pg_temp.seconds(CASE WHEN k = 0 THEN 0 ELSE pg_temp.h(draw * 8 + k, 120) % 20 END) AS started_at,
    -- Durations of a name are alike, and some are of a whole minute.
    CASE WHEN pg_temp.h(draw * 8 + k, 121) % 300 > 0
         THEN CASE WHEN pg_temp.h(draw, 122) % 6 = 0 THEN 60 ELSE 1 END
              * pg_temp.scaled(CASE WHEN pg_temp.h(draw, 122) % 6 = 0 THEN 2 ELSE 140 END, pg_temp.bell(pg_temp.h(draw * 8 + k, 123)) * 2 + k * 300) END AS duration_s,
    CASE WHEN luck < 3 THEN 'CANCELLED' WHEN luck < 5 THEN 'SKIPPED' WHEN pg_temp.h(draw * 8 + k, 124) % 100 < 5 THEN 'FAILURE'
         WHEN pg_temp.h(draw * 8 + k, 124) % 100 < 6 THEN 'TIMED_OUT' WHEN luck < 7 THEN 'NEUTRAL' ELSE 'SUCCESS' END AS outcome
  FROM suites s CROSS JOIN generate_series(0, 4) k
  WHERE k < num_runs
) r;

INSERT INTO github.check_runs
SELECT run_id, account_id, repository, suite_id, commit_id, id, name, CASE WHEN completed_at IS NULL THEN 'IN_PROGRESS' ELSE 'COMPLETED' END,
  CASE WHEN completed_at IS NOT NULL THEN outcome END, started_at, completed_at
FROM runs CROSS JOIN LATERAL (SELECT CASE WHEN duration_s IS NOT NULL THEN pg_temp.known(started_at + pg_temp.seconds(duration_s)) END AS completed_at) c
ORDER BY 1;

INSERT INTO github.check_suites
SELECT s.suite_id, s.account_id, s.repository, s.commit_id, s.id, status,
  CASE WHEN status <> 'COMPLETED' THEN NULL WHEN luck < 3 THEN 'CANCELLED' WHEN luck < 5 THEN 'SKIPPED' WHEN failed THEN 'FAILURE'
       WHEN luck < 7 THEN 'NEUTRAL' WHEN luck < 8 THEN 'STALE' WHEN luck < 9 THEN 'ACTION_REQUIRED' ELSE 'SUCCESS' END,
  s.started_at, completed_at
FROM suites s
JOIN (SELECT check_suite_id, bool_and(status = 'COMPLETED') AS done, bool_or(conclusion IN ('FAILURE', 'TIMED_OUT')) AS failed, max(completed_at) AS last_at
      FROM github.check_runs GROUP BY 1) r ON r.check_suite_id = s.suite_id
CROSS JOIN LATERAL (SELECT CASE WHEN luck = 20 AND s.suite_id % 7 = 0 THEN 'QUEUED' WHEN done THEN 'COMPLETED' ELSE 'IN_PROGRESS' END AS status) x
CROSS JOIN LATERAL (SELECT CASE WHEN status = 'COMPLETED' THEN last_at END AS completed_at) y
ORDER BY 1;
