-- The rows that the scheduler still needs are in a table of their own, which stays small: a run
-- begins, and a scheduler starts, without a look at what is settled, however much that is.
--
-- live_rows has every run that is in progress or waits for its next attempt, and every occurrence
-- after the newest mark of its job. run_rows has the others. A settled row may be in live_rows for
-- a while, until it is moved. No row is in both.
CREATE TABLE live_rows (
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

-- Each of these goes by an index, and finds few rows.
INSERT INTO live_rows SELECT * FROM run_rows INDEXED BY run_rows_open WHERE ended IS NULL AND begun IS NOT NULL;
INSERT OR IGNORE INTO live_rows SELECT * FROM run_rows INDEXED BY run_rows_retry WHERE retry IS NOT NULL;
INSERT OR IGNORE INTO live_rows SELECT run_rows.* FROM job_names CROSS JOIN run_rows ON run_rows.job = job_names.id
  WHERE scheduled > coalesce((SELECT max(mark) FROM job_rows WHERE job_rows.job = job_names.id), -9223372036854775808)
  AND occurrence;
INSERT OR IGNORE INTO live_rows SELECT run_rows.*
  FROM job_names CROSS JOIN run_rows INDEXED BY run_rows_until ON run_rows.job = job_names.id
  WHERE until > coalesce((SELECT max(mark) FROM job_rows WHERE job_rows.job = job_names.id), -9223372036854775808)
  AND until IS NOT NULL AND count > 1 AND occurrence;
DELETE FROM run_rows WHERE (job, scheduled, run, attempt) IN (SELECT job, scheduled, run, attempt FROM live_rows);

DROP INDEX run_rows_open;
DROP INDEX run_rows_retry;

DROP VIEW runs;
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
FROM (SELECT * FROM run_rows UNION ALL SELECT * FROM live_rows) AS rows JOIN job_names ON job_names.id = rows.job;
