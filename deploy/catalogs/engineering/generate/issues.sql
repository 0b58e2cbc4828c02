-- JIRA issues, two for three pull requests, and which pull request fixes which issue.

CREATE TEMP TABLE raised AS
SELECT row_number() OVER (ORDER BY created_at, n) AS issue_id,
  row_number() OVER (PARTITION BY account_id ORDER BY created_at, n) AS account_rank, * FROM (
  SELECT p.id AS n, p.account_id, p.num_people, p.author_no, p.repository_no,
    -- JIRA counts milliseconds.
    p.created_at - pg_temp.seconds(pg_temp.scaled(180000, pg_temp.bell(pg_temp.h(p.id, 130)) * 3)) - pg_temp.h(p.id, 131) % 1000 * interval '1 millisecond' AS created_at,
    CASE WHEN pg_temp.h(p.id, 132) % 100 < 84 THEN CASE pg_temp.h(p.id, 133) % 50 WHEN 0 THEN -5000 WHEN 1 THEN 0 WHEN 2 THEN 259200
      ELSE pg_temp.scaled(130000, pg_temp.bell(pg_temp.h(p.id, 134)) * 4) END END AS backlog_s,
    CASE WHEN pg_temp.h(p.id, 135) % 100 < 80 THEN CASE WHEN pg_temp.h(p.id, 136) % 20 = 0 THEN 432000
      ELSE pg_temp.scaled(350000, pg_temp.bell(pg_temp.h(p.id, 136)) * 3) END END AS progress_s,
    (ARRAY['Bug', 'Bug', 'Bug', 'Story', 'Story', 'Story', 'Task', 'Task', 'Sub-task', 'Epic'])[1 + (pg_temp.h(p.id, 137) % 10)::int] AS type
  FROM timed p WHERE p.id % 3 > 0
) r;
CREATE UNIQUE INDEX ON raised (account_id, account_rank);

INSERT INTO jira.issues
SELECT issue_id, r.account_id, project || '-' || row_number() OVER (PARTITION BY r.account_id, project ORDER BY issue_id), project, type,
  CASE WHEN pg_temp.h(n, 140) % 25 > 0 THEN (ARRAY['Lowest', 'Low', 'Medium', 'Medium', 'Medium', 'High', 'Highest'])[1 + (pg_temp.h(n, 141) % 7)::int] END,
  ARRAY(SELECT DISTINCT (ARRAY['customer', 'regression', 'tech-debt', 'a11y', 'größe', 'needs design', 'blocked'])[1 + (pg_temp.h(n, 142 + j) % 7)::int] COLLATE "C"
        FROM generate_series(1, (pg_temp.h(n, 146) % 4)::int) j ORDER BY 1),
  ARRAY(SELECT DISTINCT (ARRAY['backend', 'frontend', 'mobile', 'data'])[1 + (pg_temp.h(n, 147 + j) % 4)::int] COLLATE "C" FROM generate_series(1, (pg_temp.h(n, 150) % 3)::int) j ORDER BY 1),
  CASE category WHEN 'Done' THEN CASE WHEN pg_temp.h(n, 151) % 9 = 0 THEN 'Won''t do' ELSE 'Closed' END WHEN 'In Progress' THEN 'In Development' ELSE 'Backlog' END,
  category, d.login, CASE WHEN pg_temp.h(n, 152) % 9 > 0 THEN a.login END,
  CASE WHEN type IN ('Story', 'Task') AND pg_temp.h(n, 153) % 4 > 0 THEN (ARRAY[0.5, 1, 2, 3, 5, 8])[1 + (pg_temp.h(n, 154) % 6)::int]::float4 END,
  (pg_temp.h(n, 155) % 9)::int4, created_at, in_progress_at, resolved_at, greatest(created_at, in_progress_at, resolved_at)
FROM raised r
CROSS JOIN LATERAL (SELECT (ARRAY['PAY', 'SRCH', 'PLAT', 'MOB', 'WEB'])[1 + repository_no % 5] AS project,
  pg_temp.known(created_at + pg_temp.seconds(backlog_s)) AS in_progress_at,
  -- One in sixty seems to be resolved before it is raised.
  pg_temp.known(created_at + CASE WHEN pg_temp.h(n, 159) % 60 = 0 THEN interval '-1 minute' ELSE pg_temp.seconds(greatest(coalesce(backlog_s, 0), 0) + progress_s) END) AS resolved_at) x
-- Some that were resolved are reopened: they keep the instant, and are in progress again.
CROSS JOIN LATERAL (SELECT CASE WHEN resolved_at IS NOT NULL AND pg_temp.h(n, 156) % 40 > 0 THEN 'Done'
  WHEN in_progress_at IS NOT NULL AND pg_temp.h(n, 157) % 30 > 0 THEN 'In Progress' ELSE 'To Do' END AS category) y
JOIN github.developers d ON d.id = r.account_id * 1000 + pg_temp.other_person(pg_temp.h(n, 158), author_no, num_people)
JOIN github.developers a ON a.id = r.account_id * 1000 + author_no
ORDER BY 1;

-- Most pull requests of people fix an issue that was raised shortly before; some fix two.
INSERT INTO jira.pull_request_issues
SELECT DISTINCT p.id, p.account_id, r.issue_id
FROM timed p CROSS JOIN generate_series(0, 1) j
JOIN raised r ON r.account_id = p.account_id AND r.account_rank = p.account_rank * 2 / 3 - pg_temp.h(p.i, 160 + j) % 20
WHERE NOT is_bot AND pg_temp.h(p.i, 162) % 100 < 70 AND (j = 0 OR pg_temp.h(p.i, 163) % 100 < 10)
ORDER BY 1, 3;
