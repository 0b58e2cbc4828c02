-- Three repositories are deployed together, to staging up to four times a day and to production once, with the
-- releases that came since; what fails or is cancelled is tried once more.

CREATE TEMP TABLE attempts AS
SELECT row_number() OVER (ORDER BY started_at, account_id, component_group, environment) AS deployment_id, * FROM (
  SELECT s.*, attempt, started_at, CASE WHEN duration_s IS NOT NULL THEN pg_temp.known(started_at + pg_temp.seconds(duration_s)) END AS finished_at,
    outcome
  FROM (
    SELECT DISTINCT account_id, repository_no / 3 AS component_group, environment, extract(epoch FROM published_at)::int8 / every_s AS slot, every_s
    FROM released CROSS JOIN (VALUES ('staging', 21600), ('production', 86400)) e(environment, every_s)
    WHERE environment = 'staging' OR repository_no / 3 % 4 <> 3
  ) s
  CROSS JOIN generate_series(1, 2) attempt
  CROSS JOIN LATERAL (SELECT (slot * 64 + component_group) * 4 + every_s / 86400 * 2 + attempt AS draw) d
  CROSS JOIN LATERAL (SELECT pg_temp.h(draw, 80 + account_id) % 100 AS luck, pg_temp.h(draw - attempt + 1, 80 + account_id) % 100 AS first_luck) l
  CROSS JOIN LATERAL (SELECT CASE WHEN luck < 8 THEN 'FAILURE' WHEN luck < 11 THEN 'CANCELLED' ELSE 'SUCCESS' END AS outcome,
      to_timestamp((slot + 1) * every_s) + pg_temp.seconds(pg_temp.h(draw, 83) % 900 + (attempt - 1) * (3600 + pg_temp.h(draw, 84) % 7200)) AS started_at,
      CASE WHEN pg_temp.h(draw, 85) % 250 = 0 THEN NULL WHEN pg_temp.h(draw, 86) % 200 = 0 THEN -30
           ELSE pg_temp.scaled(420, pg_temp.bell(pg_temp.h(draw, 87)) * 2) END AS duration_s) o
  WHERE attempt = 1 OR first_luck < 11
) a WHERE started_at < timestamptz '2026-09-28';

INSERT INTO deploy.deployments
SELECT deployment_id, account_id, 'deploy-' || component_group || '-' || environment || '-' || to_char(started_at, 'YYYYMMDD-HH24MISS'), environment,
  CASE WHEN finished_at IS NOT NULL THEN outcome END, started_at, finished_at
FROM attempts ORDER BY 1;

INSERT INTO deploy.deployed_components
SELECT a.deployment_id, a.account_id, r.repository, g.name, r.release_id, r.commits, r.additions, r.deletions
FROM attempts a JOIN released r ON r.account_id = a.account_id AND r.repository_no / 3 = a.component_group
  AND extract(epoch FROM r.published_at)::int8 / a.every_s = a.slot
JOIN github.releases g ON g.id = r.release_id
ORDER BY 1, 5;

INSERT INTO deploy.deployed_pull_requests
SELECT c.deployment_id, c.account_id, o.id FROM deploy.deployed_components c JOIN owned o USING (release_id) ORDER BY 1, 3;

-- A few seem to be in a deployment before they were opened: a branch of the same name, or a clock that is wrong.
INSERT INTO deploy.deployed_pull_requests
SELECT d.id, p.account_id, p.id
FROM (SELECT id, account_id, created_at FROM timed WHERE pg_temp.h(i, 77) % 250 = 0 AND merged_at IS NOT NULL) p
CROSS JOIN LATERAL (SELECT max(id) AS id FROM deploy.deployments d
                    WHERE d.account_id = p.account_id AND environment = 'production' AND conclusion = 'SUCCESS' AND finished_at < p.created_at) d
WHERE d.id IS NOT NULL
ON CONFLICT DO NOTHING;

INSERT INTO deploy.deployed_labels
SELECT deployment_id, account_id, key, value FROM attempts a CROSS JOIN LATERAL (VALUES
  ('failure', CASE WHEN pg_temp.h(deployment_id, 88) % 100 < 6 THEN 'true'::jsonb END),
  ('reason', CASE WHEN pg_temp.h(deployment_id, 89) % 100 < 30 THEN to_jsonb((ARRAY['schedule', 'hotfix', 'größeres Release'])[1 + (pg_temp.h(deployment_id, 90) % 3)::int]) END)
) l(key, value) WHERE value IS NOT NULL ORDER BY 1, 3;

-- The first successful deployment to production of each pull request.
CREATE TEMP TABLE in_production AS
SELECT DISTINCT ON (pull_request_id) pull_request_id, d.id AS deployment_id, d.finished_at
FROM deploy.deployed_pull_requests p JOIN deploy.deployments d ON d.id = p.deployment_id
WHERE environment = 'production' AND conclusion = 'SUCCESS'
ORDER BY pull_request_id, finished_at, d.id;
CREATE UNIQUE INDEX ON in_production (pull_request_id);
ANALYZE in_production;

INSERT INTO github.pull_requests
SELECT p.id, p.account_id, p.repository, p.number,
  (CASE WHEN p.is_bot THEN 'Bump ' ELSE (ARRAY['Fix', 'Add', 'Speed up', 'Refactor', 'Test', 'Document', 'Remove'])[1 + (pg_temp.h(i, 91) % 7)::int] || ' ' END)
    || (ARRAY['retry of', 'cache for', 'timeouts in', 'paging of', 'validation of', 'logging in', 'schema of', 'parser for'])[1 + (pg_temp.h(i, 92) % 8)::int]
    || ' ' || (ARRAY['orders', 'refunds', 'sessions', 'exports', 'invoices', 'uploads', 'webhooks', 'quotas', 'tokens'])[1 + (pg_temp.h(i, 93) % 9)::int],
  CASE WHEN pg_temp.h(i, 94) % 150 > 0 THEN a.login END, p.is_bot, 'main', 'topic-' || pg_temp.h(i, 95) % 100000,
  additions, deletions, (1 + (additions + deletions) / (20 + pg_temp.h(i, 96) % 60))::int4,
  ARRAY(SELECT DISTINCT (ARRAY['bug', 'feature', 'dependencies', 'tech-debt', 'security', 'performance', 'docs', 'breaking', 'hotfix', 'good first issue', 'größe/XL'])
          [1 + (pg_temp.h(i, 100 + j) % 11 * (pg_temp.h(i, 104 + j) % 11) / 10)::int] COLLATE "C" FROM generate_series(1, (pg_temp.h(i, 97) % 4)::int) j ORDER BY 1),
  created_at, closed_at, p.merged_at, CASE WHEN p.merged_at IS NOT NULL THEN m.login END,
  CASE WHEN p.merged_at IS NOT NULL THEN pg_temp.sha(p.id, 'merge ') END, force_push_dropped, release_ignored,
  o.release_id, o.released_at, d.deployment_id, d.finished_at,
  greatest(created_at, reviewed_at, approved_at, closed_at, o.released_at)
FROM timed p
JOIN github.developers a ON a.id = p.account_id * 1000 + CASE WHEN p.is_bot THEN 901 + (pg_temp.h(i, 20) % 2)::int4 ELSE author_no END
JOIN github.developers m ON m.id = p.account_id * 1000 + CASE WHEN pg_temp.h(i, 98) % 3 > 0 AND NOT p.is_bot THEN author_no
  ELSE pg_temp.other_person(pg_temp.h(i, 99), author_no, num_people) END
LEFT JOIN owned o ON o.id = p.id
LEFT JOIN in_production d ON d.pull_request_id = p.id
ORDER BY 1;
