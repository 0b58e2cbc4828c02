CREATE TABLE commits (
  id int4 PRIMARY KEY, repository text NOT NULL, sha text NOT NULL, author text NOT NULL, committer text NOT NULL,
  authored_at timestamptz NOT NULL, committed_at timestamptz NOT NULL, parents int2 NOT NULL, subject_length int4 NOT NULL,
  pull_request int4, kind text, additions int4, deletions int4, files_changed int4, languages text[], co_authors int2,
  is_bot bool NOT NULL, release text, released_at timestamptz);
