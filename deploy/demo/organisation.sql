-- A generated organisation: 300,000 pull requests of two tenants (240,000 and 60,000) over three years, 2023-10-02
-- to 2026-09-28. Hash based and computed in integers: the same on every run and machine (PostgreSQL >= 14).
--   psql -d sextant -f organisation.sql
-- What the numbers tell, so that queries have something to find: people review faster from year to year; reviews
-- of tenant 1 take twice as long in the spring of 2026; large changes wait longer; bots wait longest; nobody works
-- at night, few at weekends, in August and at Christmas; some repositories release daily, some on Tuesdays.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET timezone = 'UTC';
BEGIN;
CREATE SCHEMA github;
CREATE TYPE github.pull_request_state AS ENUM ('draft', 'open', 'merged', 'closed');
CREATE TYPE github.issue_priority AS ENUM ('lowest', 'low', 'medium', 'high', 'highest');

CREATE FUNCTION pg_temp.h(i int8, k int8) RETURNS int8 LANGUAGE sql IMMUTABLE
  AS $$ SELECT hashint8extended(i, k) & 9223372036854775807 $$;
-- Nearly normal, mean 0, standard deviation 591: the sum of four evenly distributed numbers.
CREATE FUNCTION pg_temp.bell(x int8) RETURNS int8 LANGUAGE sql IMMUTABLE
  AS $$ SELECT (x & 1023) + (x >> 10 & 1023) + (x >> 20 & 1023) + (x >> 30 & 1023) - 2046 $$;
-- Nearly log-normal: median * 2^(e / 1024). For a standard deviation of s of the natural logarithm, e = bell * s * 2.5.
CREATE FUNCTION pg_temp.scaled(median int8, e int8) RETURNS int8 LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN e >= 0 THEN (median * (1024 + (e & 1023)) << (e >> 10)::int) >> 10
                 ELSE median * (1024 + (e & 1023)) >> (10 - (e >> 10)::int) END $$;

CREATE TEMP TABLE tenants AS SELECT * FROM (VALUES
  (1, 'northwind', 'Europe/Berlin', 420, 9, ARRAY['payments', 'search', 'platform', 'mobile', 'data', 'growth', 'web', 'sre', 'identity'],
   ARRAY['checkout', 'ledger', 'catalog', 'search-api', 'gateway', 'ios-app', 'android-app', 'warehouse', 'ranking', 'storefront',
         'terraform', 'accounts', 'billing', 'notifications', 'design-system', 'fraud', 'shipping', 'pricing', 'inventory', 'events',
         'feature-flags', 'experiments', 'admin', 'reports', 'webhooks', 'monorepo-tools', 'sdk-java', 'sdk-python', 'sdk-js', 'docs',
         'status-page', 'load-tests', 'ml-models', 'ml-features', 'audit', 'tax', 'vouchers', 'returns', 'recommendations', 'crm-sync']),
  (2, 'contoso', 'America/New_York', 95, 4, ARRAY['core', 'apps', 'infra', 'insights'],
   ARRAY['api', 'console', 'worker', 'scheduler', 'charts', 'agents', 'importer', 'exporter', 'auth', 'helm', 'website', 'cli'])
) t(account_id, organisation, zone, num_people, num_teams, teams, repositories);

-- Stage 1: who, where and when. A third of the choices of a week prefer later ones: the organisation grows.
CREATE TEMP TABLE started AS
SELECT i, t.account_id, t.organisation, t.zone, t.num_people, t.num_teams, t.teams, week, repository_no, is_bot, size_bell,
  t.organisation || '/' || t.repositories[1 + repository_no] AS repository,
  -- People come and go: the active ones are a window that moves over all of them; a few of them write the most.
  (person_draw * person_draw / 1000 * (t.num_people / 2) / 1000 + week * (t.num_people / 2) / 156)::int4 AS person_no,
  (timestamp '2023-10-02' + make_interval(weeks => week, days => weekday, hours => hour)
   + (pg_temp.h(i, 7) % 3600000000) * interval '1 microsecond') AT TIME ZONE t.zone AS created_at
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
    FROM generate_series(1::int8, 300000) i
    OFFSET 0) weeks
  OFFSET 0) choices
JOIN tenants t USING (account_id)
CROSS JOIN LATERAL (SELECT (repository_draw * repository_draw * cardinality(t.repositories) / 1000000)::int4 AS repository_no) r;

-- Stage 2: numbers in the order of time, sizes, and how long each stage takes. Seconds; NULL: the stage never comes.
CREATE TEMP TABLE staged AS
SELECT s.*, row_number() OVER (ORDER BY created_at, i) AS id,
  (row_number() OVER (PARTITION BY repository ORDER BY created_at, i))::int4 AS number,
  CASE WHEN is_bot THEN (ARRAY['dependabot[bot]', 'renovate[bot]', 'release-please[bot]'])[1 + (pg_temp.h(i, 20) % 3)::int]
       ELSE (ARRAY['ada', 'aisha', 'alan', 'amara', 'anna', 'bruno', 'carla', 'chen', 'dana', 'diego', 'edsger', 'elif', 'emma', 'farid',
                   'grace', 'hana', 'igor', 'ines', 'jonas', 'kaito', 'lena', 'linus', 'maria', 'mei', 'nils', 'olga', 'omar', 'priya',
                   'rosa', 'sven', 'tariq', 'yuki'])[1 + person_no % 32] || '-' || chr(97 + person_no / 32) END AS author,
  teams[1 + (CASE WHEN pg_temp.h(i, 21) % 100 < 80 THEN repository_no ELSE person_no END) % num_teams] AS team,
  greatest(1, CASE WHEN is_bot THEN pg_temp.h(i, 22) % 12 ELSE pg_temp.scaled(46, e_size) END)::int4 AS additions,
  (CASE WHEN is_bot THEN pg_temp.h(i, 23) % 12 ELSE pg_temp.scaled(14, e_deletions) END)::int4 AS deletions,
  CASE WHEN NOT is_bot AND pg_temp.h(i, 24) % 100 < 15
       THEN pg_temp.scaled(28000, e_draft) END AS draft_s,
  CASE WHEN pg_temp.h(i, 26) % 100 < 93
       THEN pg_temp.scaled(usual_wait_s,
                           e_wait) END AS review_wait_s,
  CASE WHEN pg_temp.h(i, 28) % 100 < 90
       THEN pg_temp.scaled(9000, e_approval) END AS approval_s,
  pg_temp.scaled(2400, e_merge) AS merge_s,
  CASE WHEN pg_temp.h(i, 31) % 100 < 11 THEN pg_temp.scaled(230000, e_abandon) END AS abandon_s,
  pg_temp.h(i, 32) % 200 = 0 AS forgotten,
  CASE repository_no % 3 WHEN 0 THEN 'continuous' WHEN 1 THEN 'daily' ELSE 'weekly' END AS train,
  (pg_temp.h(i, 33) % 4)::int4 AS num_reviewers,
  CASE WHEN pg_temp.h(i, 34) % 100 < 72 AND NOT is_bot
       THEN upper(left(teams[1 + repository_no % num_teams], 4)) END AS jira_project
FROM started s
-- OFFSET 0 keeps these from being computed wherever they are named.
CROSS JOIN LATERAL (SELECT size_bell * 4 AS e_size,
  size_bell * 3 + pg_temp.bell(pg_temp.h(i, 23)) * 2 AS e_deletions,
  pg_temp.bell(pg_temp.h(i, 25)) * 3 AS e_draft,
  pg_temp.bell(pg_temp.h(i, 27)) * 3 + size_bell / 2 AS e_wait,
  pg_temp.bell(pg_temp.h(i, 29)) * 4 + size_bell AS e_approval,
  pg_temp.bell(pg_temp.h(i, 30)) * 3 AS e_merge,
  pg_temp.bell(pg_temp.h(i, 31)) * 4 AS e_abandon,
  ((CASE WHEN is_bot THEN 72000 ELSE 21600 - week * 75 END)
   * (CASE WHEN account_id = 1 AND week BETWEEN 126 AND 139 THEN 2 ELSE 1 END))::int8 AS usual_wait_s
  OFFSET 0) exponents;

-- Stage 3: the instants, each after the one before it; what lies after the end of the three years has not happened.
CREATE TEMP TABLE timed AS
SELECT s.*, ready_at, first_review_at, approved_at, merged_at,
  CASE WHEN merged_at IS NOT NULL THEN merged_at WHEN abandoned_at < timestamptz '2026-09-28' THEN abandoned_at END AS closed_at
FROM staged s
CROSS JOIN LATERAL (SELECT created_at + make_interval(secs => coalesce(draft_s, 0)) AS wanted_at) a
CROSS JOIN LATERAL (SELECT CASE WHEN draft_s IS NOT NULL AND wanted_at < timestamptz '2026-09-28' THEN wanted_at END AS ready_at,
                           wanted_at + make_interval(secs => review_wait_s) AS reviewed) b
CROSS JOIN LATERAL (SELECT CASE WHEN reviewed < timestamptz '2026-09-28' THEN reviewed END AS first_review_at,
                           reviewed + make_interval(secs => approval_s) AS approved,
                           created_at + make_interval(secs => abandon_s) AS abandoned_at) c
CROSS JOIN LATERAL (SELECT CASE WHEN approved < timestamptz '2026-09-28' AND (abandoned_at IS NULL OR approved < abandoned_at)
                                THEN approved END AS approved_at) d
-- Without an approval a change is merged all the same (it was not needed), unless it is forgotten or given up.
CROSS JOIN LATERAL (SELECT coalesce(approved_at, first_review_at, ready_at, created_at + interval '3 hours')
                           + make_interval(secs => merge_s) AS merged) e
CROSS JOIN LATERAL (SELECT CASE WHEN abandon_s IS NULL AND NOT forgotten AND merged < timestamptz '2026-09-28'
                                 AND (draft_s IS NULL OR ready_at IS NOT NULL) THEN merged END AS merged_at) f;

CREATE TABLE github.pull_requests (
  id                 int8 PRIMARY KEY,
  account_id         int4 NOT NULL,                     -- the tenant
  node               uuid NOT NULL,
  repository         text NOT NULL,
  number             int4 NOT NULL,                     -- within the repository
  title              text NOT NULL,
  author             text NOT NULL,
  team               text NOT NULL,
  is_bot             bool NOT NULL,
  state              github.pull_request_state NOT NULL,
  base_branch        text NOT NULL,
  head_branch        text NOT NULL,
  jira_project       text,
  jira_key           text,
  priority           github.issue_priority,
  due_on             date,
  planned_at         timestamp,                         -- local time of Berlin, as the planning tool writes it
  first_commit_at    timestamptz NOT NULL,
  created_at         timestamptz NOT NULL,
  ready_at           timestamptz,                       -- NULL: never was a draft, or still is
  first_review_at    timestamptz,
  approved_at        timestamptz,
  merged_at          timestamptz,
  closed_at          timestamptz,                       -- merged or given up
  released_at        timestamptz,
  updated_at         timestamptz NOT NULL,
  review_times       timestamptz[] NOT NULL,
  reviewers          text[] NOT NULL,
  labels             text[],
  languages          text[] NOT NULL,
  additions          int4 NOT NULL,
  deletions          int4 NOT NULL,
  changed_files      int4 NOT NULL,
  commits            int2 NOT NULL,
  comments           int4 NOT NULL,
  release            text,
  environment        text,                              -- where the release went first
  deployment_failed  bool,
  rolled_back        bool,
  ci_duration        interval,
  ci_cost            numeric(12,2),
  risk               float8,
  details            jsonb NOT NULL
);

INSERT INTO github.pull_requests
SELECT id, account_id, md5('pull request ' || i)::uuid, repository, number,
  (CASE WHEN is_bot THEN 'Bump ' ELSE (ARRAY['Fix', 'Add', 'Speed up', 'Refactor', 'Test', 'Document', 'Remove'])[1 + (pg_temp.h(i, 40) % 7)::int] || ' ' END)
    || (ARRAY['retry of', 'cache for', 'timeouts in', 'paging of', 'validation of', 'logging in', 'schema of', 'parser for'])[1 + (pg_temp.h(i, 41) % 8)::int]
    || ' ' || (ARRAY['orders', 'refunds', 'sessions', 'exports', 'invoices', 'uploads', 'webhooks', 'quotas', 'tokens'])[1 + (pg_temp.h(i, 42) % 9)::int],
  author, team, is_bot,
  CASE WHEN merged_at IS NOT NULL THEN 'merged' WHEN closed_at IS NOT NULL THEN 'closed'
       WHEN draft_s IS NOT NULL AND ready_at IS NULL THEN 'draft' ELSE 'open' END::github.pull_request_state,
  base_branch,
  CASE WHEN is_bot THEN 'bot/' ELSE author || '/' END || lower(coalesce(jira_project || '-', 'topic-')) || pg_temp.h(i, 43) % 100000,
  jira_project, jira_project || '-' || (pg_temp.h(i, 44) % 40000),
  CASE WHEN jira_project IS NOT NULL THEN
    (ARRAY['lowest', 'low', 'low', 'medium', 'medium', 'medium', 'medium', 'high', 'high', 'highest'])[1 + (pg_temp.h(i, 45) % 10)::int]
  END::github.issue_priority,
  CASE WHEN jira_project IS NOT NULL AND pg_temp.h(i, 46) % 3 = 0 THEN created_at::date + (pg_temp.h(i, 47) % 30)::int END,
  CASE WHEN jira_project IS NOT NULL THEN date_trunc('minute', first_commit_at AT TIME ZONE 'Europe/Berlin') - interval '2 days' END,
  first_commit_at, created_at, ready_at, first_review_at, approved_at, merged_at, closed_at, released_at,
  greatest(created_at, ready_at, first_review_at, approved_at, closed_at, released_at),
  CASE WHEN first_review_at IS NULL THEN '{}'
       ELSE ARRAY(SELECT least(first_review_at + j * (coalesce(approved_at, first_review_at) - first_review_at) / greatest(num_reviewers, 1),
                               timestamptz '2026-09-27 23:59:59+00')
                  FROM generate_series(0, num_reviewers) j) END,
  CASE WHEN first_review_at IS NULL THEN '{}' ELSE ARRAY(SELECT 'reviewer-' || account_id || '-' || (pg_temp.h(i, 60 + j) % 40) * (pg_temp.h(i, 70 + j) % 40) / 20
                  FROM generate_series(0, num_reviewers) j) END,
  CASE WHEN pg_temp.h(i, 48) % 100 < 18 THEN NULL
       ELSE ARRAY(SELECT (ARRAY['bug', 'feature', 'dependencies', 'tech-debt', 'security', 'performance', 'docs', 'breaking', 'hotfix', 'good first issue',
                                'needs-design', 'flaky-test'])[1 + (pg_temp.h(i, 80 + j) % 12 * (pg_temp.h(i, 84 + j) % 12) / 11)::int] FROM generate_series(1, (pg_temp.h(i, 49) % 4)::int) j) END,
  ARRAY(SELECT DISTINCT (ARRAY['go', 'go', 'ts', 'ts', 'py', 'java', 'sql', 'yaml', 'md', 'tf', 'kt', 'swift'])[1 + ((repository_no + pg_temp.h(i, 90 + j) % 4) % 12)::int]
        FROM generate_series(1, (1 + pg_temp.h(i, 50) % 3)::int) j ORDER BY 1),
  additions, deletions, (1 + (additions + deletions) / (20 + pg_temp.h(i, 51) % 60))::int4,
  (1 + pg_temp.h(i, 52) % (2 + least(additions / 60, 20)))::int2,
  CASE WHEN first_review_at IS NULL THEN 0 ELSE (pg_temp.h(i, 53) % (3 + least(additions / 25, 40)))::int4 END,
  CASE WHEN released_at IS NOT NULL THEN to_char(released_at, 'YYYY.MM.DD') || CASE train WHEN 'continuous' THEN '-' || number ELSE '' END END,
  CASE WHEN released_at IS NOT NULL THEN CASE WHEN pg_temp.h(i, 54) % 10 < 3 THEN 'staging' ELSE 'production' END END,
  CASE WHEN released_at IS NOT NULL THEN pg_temp.h(i, 55) % 1000 < 30 + least(additions / 12, 120) END,
  CASE WHEN released_at IS NOT NULL THEN pg_temp.h(i, 55) % 1000 < 8 + least(additions / 40, 40) END,
  CASE WHEN ci_s IS NOT NULL THEN make_interval(secs => ci_s) END,
  (ci_s * 0.0011 * (1 + pg_temp.h(i, 56) % 8))::numeric(12, 2),
  CASE WHEN NOT is_bot THEN least(1024, 2 * (additions + deletions) + pg_temp.h(i, 57) % 400)::float8 / 1024 END,
  jsonb_build_object('checks', pg_temp.h(i, 58) % 24, 'train', train, 'size',
    CASE WHEN additions + deletions < 10 THEN 'XS' WHEN additions + deletions < 50 THEN 'S' WHEN additions + deletions < 250 THEN 'M' ELSE 'L' END)
FROM timed
CROSS JOIN LATERAL (SELECT pg_temp.bell(pg_temp.h(i, 36)) * 4 AS e_first_commit,
  pg_temp.bell(pg_temp.h(i, 38)) * 2 + repository_no * 20 AS e_ci, pg_temp.bell(pg_temp.h(i, 39)) * 2 AS e_release OFFSET 0) exponents
CROSS JOIN LATERAL (SELECT
  CASE WHEN pg_temp.h(i, 35) % 100 < 92 THEN 'main' WHEN pg_temp.h(i, 35) % 100 < 97 THEN 'develop' ELSE 'release' END AS base_branch,
  created_at - make_interval(secs => CASE WHEN is_bot THEN 5 ELSE pg_temp.scaled(16000, e_first_commit) END) AS first_commit_at,
  CASE WHEN pg_temp.h(i, 37) % 100 < 94 THEN pg_temp.scaled(540, e_ci) END AS ci_s) x
-- Trains leave at 10:00 UTC, on working days or on Tuesdays; the rest is released some 25 minutes after the merge.
CROSS JOIN LATERAL (SELECT
  CASE WHEN base_branch = 'main' THEN CASE train
    WHEN 'continuous' THEN merged_at + make_interval(secs => pg_temp.scaled(1500, e_release))
    WHEN 'weekly' THEN date_trunc('week', merged_at - interval '1 day 10 hours') + interval '8 days 10 hours'
    ELSE date_trunc('day', merged_at - interval '10 hours') + interval '1 day 10 hours'
         + make_interval(days => CASE extract(isodow FROM date_trunc('day', merged_at - interval '10 hours') + interval '1 day')::int
                                   WHEN 6 THEN 2 WHEN 7 THEN 1 ELSE 0 END) END END AS departure) y
CROSS JOIN LATERAL (SELECT CASE WHEN departure < timestamptz '2026-09-28' THEN departure END AS released_at) z
ORDER BY id;

-- One row per release of a repository: a second dataset, loaded from the same snapshot as the first.
CREATE TABLE github.releases AS
SELECT row_number() OVER (ORDER BY min(released_at), repository, release) AS id, account_id, repository, release AS name,
  min(released_at) AS released_at, count(*)::int4 AS pull_requests, min(first_commit_at) AS oldest_commit_at,
  bool_or(deployment_failed) AS deployment_failed
FROM github.pull_requests WHERE released_at IS NOT NULL
GROUP BY account_id, repository, release;
ALTER TABLE github.releases ADD PRIMARY KEY (id);
COMMIT;
VACUUM (ANALYZE, FREEZE) github.pull_requests;
VACUUM (ANALYZE, FREEZE) github.releases;
