-- The table behind `deploy/demo/run --git`: loaded_commits receives the rows of git-commits, one repository after
-- the other; finish_commits.sql makes `commits` of it.
SET client_min_messages = warning;
CREATE TABLE loaded_commits (
  repository      text NOT NULL,
  sha             text NOT NULL,         -- the first 12 hex digits
  author          text,                  -- the name as git shows it
  committer       text,
  authored_at     timestamptz,
  committed_at    timestamptz,
  parents         int2,                  -- 2 or more: a merge; NULL: the border of a shallow clone
  subject_length  int4 NOT NULL,         -- bytes of the first line
  pull_request    int4,                  -- number found in the subject
  kind            text,                  -- feat, fix, docs, ... where the subject says so
  additions       int4,                  -- NULL: a merge, or contents that are not in this clone
  deletions       int4,
  files_changed   int4,
  languages       text[],                -- file name endings touched
  co_authors      int2 NOT NULL,
  is_bot          bool NOT NULL,
  release         text,                  -- the first tag, by date, that contains the commit
  released_at     timestamptz            -- its date
);
