-- Releases leave every four hours (of a branch), every day or every week (tags), where something was merged; a pull
-- request is in the first one after its merge.

CREATE TEMP TABLE merged AS
SELECT p.*, period_s, extract(epoch FROM merged_at)::int8 / period_s AS slot
FROM timed p CROSS JOIN LATERAL (SELECT CASE (repository_no + 1) % 3 WHEN 1 THEN 14400 WHEN 0 THEN 86400 ELSE 604800 END AS period_s) x
WHERE merged_at IS NOT NULL AND NOT force_push_dropped;
CREATE UNIQUE INDEX ON merged (id);

CREATE TEMP TABLE released AS
SELECT row_number() OVER (ORDER BY published_at, repository COLLATE "C") AS release_id, * FROM (
  SELECT account_id, repository, repository_no, period_s, slot, count(*)::int4 AS commits, sum(additions)::int4 AS additions, sum(deletions)::int4 AS deletions,
    pg_temp.known(to_timestamp((slot + 1) * period_s) + pg_temp.seconds(pg_temp.h(slot * 64 + repository_no, 70 + account_id) % 1500)) AS published_at
  FROM (
    SELECT m.account_id, m.repository, m.repository_no, m.period_s, m.slot, c.additions, c.deletions
    FROM merged m JOIN committed c ON c.id = m.id
    UNION ALL
    SELECT c.account_id, c.repository, c.repository_no, period_s, extract(epoch FROM c.t)::int8 / period_s, c.additions, c.deletions
    FROM committed c CROSS JOIN LATERAL (SELECT CASE (repository_no + 1) % 3 WHEN 1 THEN 14400 WHEN 0 THEN 86400 ELSE 604800 END AS period_s) x
    WHERE c.id IS NULL
  ) work GROUP BY account_id, repository, repository_no, period_s, slot
) r WHERE published_at IS NOT NULL;
CREATE UNIQUE INDEX ON released (repository, slot);
ANALYZE released;

INSERT INTO github.releases
SELECT release_id, r.account_id, repository, CASE period_s WHEN 14400 THEN 'branch' ELSE 'tag' END,
  CASE period_s WHEN 14400 THEN to_char(published_at, 'YYYY.MM.DD-HH24') ELSE 'v' || row_number() OVER releases_of_repository END,
  pg_temp.sha(release_id, 'release '),
  CASE WHEN pg_temp.h(release_id, 73) % 50 = 0 THEN NULL WHEN period_s = 14400 THEN 'release-please[bot]' ELSE d.login END,
  published_at, lag(published_at) OVER releases_of_repository, commits, additions, deletions
FROM released r JOIN tenants t USING (account_id)
LEFT JOIN github.developers d ON d.id = r.account_id * 1000 + (repository_no * 7 + pg_temp.h(release_id, 74) % 5) % t.num_people
WINDOW releases_of_repository AS (PARTITION BY repository ORDER BY published_at, release_id)
ORDER BY 1;

-- Which release has which pull request; one in three hundred seems to be released before it is merged, one in four hundred
-- before there was work, and some of bots exactly five days after that.
CREATE TEMP TABLE owned AS
SELECT m.id, m.merged_at, r.release_id,
  CASE WHEN pg_temp.h(m.i, 75) % 300 = 0 THEN m.merged_at - interval '30 minutes' WHEN pg_temp.h(m.i, 76) % 400 = 0 THEN m.first_commit_at - interval '1 hour'
       WHEN m.is_bot AND m.merged_at < m.first_commit_at + interval '5 days' AND pg_temp.h(m.i, 78) % 12 = 0 THEN m.first_commit_at + interval '5 days'
       ELSE r.published_at END AS released_at
FROM merged m JOIN released r USING (repository, slot)
WHERE NOT release_ignored;
CREATE UNIQUE INDEX ON owned (id);
CREATE INDEX ON owned (release_id);
ANALYZE owned;
