CREATE SEQUENCE {tokens};

-- One row for each occurrence of a job that a node has claimed. An instant is kept as
-- seconds since the Unix epoch and nanoseconds, as a timestamptz has microseconds only.
CREATE TABLE {claims} (
    namespace  text        NOT NULL,
    job        text        NOT NULL,
    seconds    bigint      NOT NULL,
    nanos      integer     NOT NULL,
    scheduled  timestamptz NOT NULL,
    holder     text        NOT NULL,
    token      bigint      NOT NULL,
    claimed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (namespace, job, seconds, nanos)
);

CREATE INDEX ON {claims} (expires_at);

-- One row for each job that runs under a run lock, and for each elector that has a leader.
CREATE TABLE {leases} (
    namespace  text        NOT NULL,
    kind       text        NOT NULL,
    name       text        NOT NULL,
    holder     text        NOT NULL,
    taken_at   timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (namespace, kind, name)
);

INSERT INTO {version} (version) VALUES (1);
