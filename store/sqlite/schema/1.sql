-- Times are nanoseconds since 1970, UTC. The views below show them as text.

CREATE TABLE store (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  clean INTEGER NOT NULL -- 0 while a program has the file, and after one that did not close it
);
INSERT INTO store VALUES (1, 1);

CREATE TABLE job_names (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

CREATE TABLE job_rows (
  job         INTEGER NOT NULL REFERENCES job_names,
  fingerprint TEXT NOT NULL,
  schedule    TEXT NOT NULL,
  first_seen  INTEGER,
  mark        INTEGER, -- everything due by then is settled
  version     INTEGER NOT NULL,
  state       BLOB,
  PRIMARY KEY (job, fingerprint)
) WITHOUT ROWID;

-- The rows of a job lie together, in the order of their times: the occurrence that is about to run
-- is looked up, and its row put beside it, in one place, however many rows there are.
CREATE TABLE run_rows (
  run         TEXT NOT NULL,
  attempt     INTEGER NOT NULL,
  job         INTEGER NOT NULL REFERENCES job_names,
  fingerprint TEXT NOT NULL,
  scheduled   INTEGER NOT NULL,
  zone        TEXT NOT NULL,
  trigger     TEXT NOT NULL,
  occurrence  INTEGER NOT NULL,
  node        TEXT NOT NULL,
  epoch       INTEGER NOT NULL,
  begun       INTEGER,
  ended       INTEGER,
  outcome     TEXT NOT NULL,
  error       TEXT NOT NULL,
  retry       INTEGER,
  until       INTEGER,
  count       INTEGER NOT NULL,
  extra       BLOB,
  PRIMARY KEY (job, scheduled, run, attempt)
) WITHOUT ROWID;

-- These have few entries, however many rows there are.
CREATE INDEX run_rows_open ON run_rows (job) WHERE ended IS NULL AND begun IS NOT NULL;
CREATE INDEX run_rows_retry ON run_rows (job) WHERE retry IS NOT NULL;
CREATE INDEX run_rows_until ON run_rows (job, until) WHERE until IS NOT NULL;

CREATE TABLE use_rows (
  epoch INTEGER PRIMARY KEY,
  node  TEXT NOT NULL,
  host  TEXT NOT NULL,
  pid   INTEGER NOT NULL,
  begun INTEGER NOT NULL,
  ended INTEGER
);

CREATE VIEW runs AS SELECT
  name AS job,
  {iso scheduled} AS scheduled_at,
  zone, trigger, attempt,
  nullif(outcome, '') AS outcome,
  {iso begun} AS begun_at,
  {iso ended} AS ended_at,
  (ended - begun) / 1e9 AS seconds,
  error,
  {iso retry} AS retry_at,
  {iso until} AS until,
  count, node, epoch, occurrence, run, fingerprint,
  CAST(extra AS TEXT) AS extra
FROM run_rows JOIN job_names ON job_names.id = run_rows.job;

CREATE VIEW jobs AS SELECT
  name AS job,
  schedule,
  {iso first_seen} AS first_seen,
  {iso mark} AS settled_until,
  CAST(state AS TEXT) AS state,
  version, fingerprint
FROM job_rows JOIN job_names ON job_names.id = job_rows.job;

CREATE VIEW uses AS SELECT
  epoch, node, host, pid,
  {iso begun} AS begun_at,
  {iso ended} AS ended_at
FROM use_rows;
