-- The tables that the catalogue beside this file reads: a mirror of GitHub, JIRA and a deployment tool, for several
-- tenants (account_id). Whoever has such a mirror already maps it by views of these names and columns.
--   psql -d engineering -f schema.sql
-- What a commit graph says is in precomputed columns, because no key does: which release has a pull request first,
-- which release is before a release, which pull requests a deployment brings.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE SCHEMA github;
CREATE SCHEMA jira;
CREATE SCHEMA deploy;

CREATE TABLE github.repositories (
  id              int8 PRIMARY KEY,
  account_id      int4 NOT NULL,
  full_name       text NOT NULL,
  default_branch  text NOT NULL,
  release_match   text NOT NULL  -- tag | branch: what makes a release of it
);

CREATE TABLE github.developers (
  id          int8 PRIMARY KEY,
  account_id  int4 NOT NULL,
  login       text NOT NULL,
  zone        text NOT NULL,
  is_bot      bool NOT NULL
);

CREATE TABLE github.teams (
  id          int8 PRIMARY KEY,
  account_id  int4 NOT NULL,
  name        text NOT NULL
);

-- Teams overlap: a developer is in one to three, a repository belongs to one to three.
CREATE TABLE github.team_members (
  team_id     int8 NOT NULL,
  account_id  int4 NOT NULL,
  developer   text NOT NULL,
  PRIMARY KEY (team_id, developer)
);

CREATE TABLE github.team_repositories (
  team_id     int8 NOT NULL,
  account_id  int4 NOT NULL,
  repository  text NOT NULL,
  PRIMARY KEY (team_id, repository)
);

CREATE TABLE github.pull_requests (
  id                  int8 PRIMARY KEY,
  account_id          int4 NOT NULL,
  repository          text NOT NULL,
  number              int4 NOT NULL,        -- within the repository
  title               text NOT NULL,
  author              text,                 -- NULL: a deleted account
  is_bot              bool NOT NULL,
  base_ref            text NOT NULL,
  head_ref            text NOT NULL,
  additions           int4 NOT NULL,
  deletions           int4 NOT NULL,
  changed_files       int4 NOT NULL,
  labels              text[] NOT NULL,
  created_at          timestamptz NOT NULL,
  closed_at           timestamptz,          -- merged or rejected; NULL: open
  merged_at           timestamptz,
  merged_by           text,
  merge_commit_sha    text,
  force_push_dropped  bool NOT NULL,        -- merged, then erased from the branch by a forced push
  release_ignored     bool NOT NULL,        -- merged, and nobody waits for its release
  release_id          int8,                 -- the first release that reaches the merge commit
  released_at         timestamptz,
  deployment_id       int8,                 -- the first successful deployment to production with that release
  deployed_at         timestamptz,
  updated_at          timestamptz NOT NULL
);

CREATE TABLE github.review_requests (
  id               int8 PRIMARY KEY,
  account_id       int4 NOT NULL,
  pull_request_id  int8 NOT NULL,
  reviewer         text,                    -- NULL: a team was asked
  created_at       timestamptz NOT NULL
);

CREATE TABLE github.reviews (
  id               int8 PRIMARY KEY,
  account_id       int4 NOT NULL,
  repository       text NOT NULL,
  pull_request_id  int8 NOT NULL,
  author           text NOT NULL,
  state            text NOT NULL,           -- APPROVED | CHANGES_REQUESTED | COMMENTED
  submitted_at     timestamptz NOT NULL
);

CREATE TABLE github.review_comments (
  id               int8 PRIMARY KEY,
  account_id       int4 NOT NULL,
  repository       text NOT NULL,
  pull_request_id  int8 NOT NULL,
  review_id        int8 NOT NULL,
  author           text NOT NULL,
  created_at       timestamptz NOT NULL
);

CREATE TABLE github.comments (
  id               int8 PRIMARY KEY,
  account_id       int4 NOT NULL,
  repository       text NOT NULL,
  pull_request_id  int8 NOT NULL,
  author           text NOT NULL,
  created_at       timestamptz NOT NULL
);

CREATE TABLE github.commits (
  id               int8 PRIMARY KEY,
  account_id       int4 NOT NULL,
  repository       text NOT NULL,
  sha              text NOT NULL,
  author           text NOT NULL,
  pull_request_id  int8,                    -- NULL: pushed to the default branch, bypassing pull requests
  committed_at     timestamptz NOT NULL,
  pushed_at        timestamptz NOT NULL,
  additions        int4 NOT NULL,
  deletions        int4 NOT NULL
);

CREATE TABLE github.releases (
  id                     int8 PRIMARY KEY,
  account_id             int4 NOT NULL,
  repository             text NOT NULL,
  type                   text NOT NULL,     -- tag | branch
  name                   text NOT NULL,
  sha                    text NOT NULL,
  publisher              text,
  published_at           timestamptz NOT NULL,
  previous_published_at  timestamptz,       -- of the release before it in the commit graph; NULL: the first
  commits                int4 NOT NULL,     -- new in this release, as are the following
  additions              int4 NOT NULL,
  deletions              int4 NOT NULL
);

CREATE TABLE github.check_suites (
  id               int8 PRIMARY KEY,
  account_id       int4 NOT NULL,
  repository       text NOT NULL,
  commit_id        int8 NOT NULL,
  pull_request_id  int8,
  status           text NOT NULL,           -- QUEUED | IN_PROGRESS | COMPLETED
  conclusion       text,                    -- SUCCESS | NEUTRAL | FAILURE | STALE | ACTION_REQUIRED | CANCELLED | SKIPPED
  started_at       timestamptz NOT NULL,
  completed_at     timestamptz
);

CREATE TABLE github.check_runs (
  id               int8 PRIMARY KEY,
  account_id       int4 NOT NULL,
  repository       text NOT NULL,
  check_suite_id   int8 NOT NULL,
  commit_id        int8 NOT NULL,
  pull_request_id  int8,
  name             text NOT NULL,
  status           text NOT NULL,
  conclusion       text,
  started_at       timestamptz NOT NULL,
  completed_at     timestamptz
);
CREATE INDEX ON github.check_runs (repository, name, started_at);

CREATE TABLE deploy.deployments (
  id           int8 PRIMARY KEY,
  account_id   int4 NOT NULL,
  name         text NOT NULL,
  environment  text NOT NULL,               -- staging | production
  conclusion   text,                        -- SUCCESS | FAILURE | CANCELLED; NULL: under way
  started_at   timestamptz NOT NULL,
  finished_at  timestamptz
);

-- One row per release that a deployment brings.
CREATE TABLE deploy.deployed_components (
  deployment_id  int8 NOT NULL,
  account_id     int4 NOT NULL,
  repository     text NOT NULL,
  reference      text NOT NULL,
  release_id     int8 NOT NULL,
  commits        int4 NOT NULL,
  additions      int4 NOT NULL,
  deletions      int4 NOT NULL,
  PRIMARY KEY (deployment_id, release_id)
);

CREATE TABLE deploy.deployed_labels (
  deployment_id  int8 NOT NULL,
  account_id     int4 NOT NULL,
  key            text NOT NULL,
  value          jsonb,
  PRIMARY KEY (deployment_id, key)
);

CREATE TABLE deploy.deployed_pull_requests (
  deployment_id    int8 NOT NULL,
  account_id       int4 NOT NULL,
  pull_request_id  int8 NOT NULL,
  PRIMARY KEY (deployment_id, pull_request_id)
);

CREATE TABLE jira.issues (
  id               int8 PRIMARY KEY,
  account_id       int4 NOT NULL,
  key              text NOT NULL,
  project          text NOT NULL,
  type             text NOT NULL,           -- Bug | Story | Task | Sub-task | Epic
  priority         text,
  labels           text[] NOT NULL,
  components       text[] NOT NULL,
  status           text NOT NULL,
  status_category  text NOT NULL,           -- To Do | In Progress | Done
  reporter         text NOT NULL,
  assignee         text,
  story_points     float4,
  comments         int4 NOT NULL,
  created_at       timestamptz NOT NULL,
  in_progress_at   timestamptz,             -- the first move into an In Progress status
  resolved_at      timestamptz,
  updated_at       timestamptz NOT NULL
);

CREATE TABLE jira.pull_request_issues (
  pull_request_id  int8 NOT NULL,
  account_id       int4 NOT NULL,
  issue_id         int8 NOT NULL,
  PRIMARY KEY (pull_request_id, issue_id)
);
