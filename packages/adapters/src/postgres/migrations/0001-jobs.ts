/**
 * The tables: jobs that are queued, running or dead; keys held for a window; queues that are paused; and, by hour, what
 * has ended and what was executed.
 *
 *     queued ──claim──► running ──ack──► (gone, or in `finished`)
 *       ▲ ▲               │ │ └──cancel──► canceled, until its owner is told or the lease ends
 *       │ └─retry, release, expiry┘ └──dead──► dead ──discard──► (gone)
 *       └───────────────redrive─────────────────┘
 *
 * `due_at` is when a job may be claimed: its due time while it is queued, the end of its lease while it runs, never once
 * it is dead. So one index finds what is due, expired leases included. `place` is the due time that a release without a
 * delay or an expired lease goes back to. `seq` and `delivery` are the fencing token.
 *
 * A job that is given no id has that of its row: `tag`, which tells this schema from others and from one before it under
 * the same name, and `seq`. So most jobs need no index on ids. `seq_of` finds a job by its id, of either kind.
 */
export const tables = (s: string, tag: string): string => `
CREATE TABLE ${s}.job (
  seq         bigint NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id          text COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(own_id, '${tag}-' || seq)) STORED,
  queue       text COLLATE "C" NOT NULL,
  priority    smallint NOT NULL,
  due_at      timestamptz NOT NULL,
  place       timestamptz NOT NULL,
  first_due   timestamptz NOT NULL,
  enqueued_at timestamptz NOT NULL,
  attempt     integer NOT NULL DEFAULT 1,
  crashes     integer NOT NULL DEFAULT 0,
  delivery    integer NOT NULL DEFAULT 0,
  redrives    integer NOT NULL DEFAULT 0,
  holds       boolean NOT NULL DEFAULT false,
  state       text COLLATE "C" NOT NULL DEFAULT 'queued',
  name        text COLLATE "C" NOT NULL,
  own_id      text COLLATE "C",
  tenant      text,
  key         text COLLATE "C",
  dedupe      text COLLATE "C",
  worker_id   text,
  payload     json,
  raw         bytea,
  problem     text,
  progress    json,
  error       json,
  reason      text,
  attempts    integer,
  ended_at    timestamptz,
  dead_seq    bigint
) WITH (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
  autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_scale_factor = 0.2, autovacuum_analyze_threshold = 5000
);
COMMENT ON TABLE ${s}.job IS 'isobar: jobs that are queued, running or dead';
COMMENT ON COLUMN ${s}.job.own_id IS 'the id that its producer gave it, if any';
COMMENT ON COLUMN ${s}.job.state IS 'queued, running, canceled or dead';
COMMENT ON COLUMN ${s}.job.priority IS '0 high, 1 normal, 2 low';
COMMENT ON COLUMN ${s}.job.due_at IS 'when it may be claimed; the end of its lease while it runs; infinity once dead';
COMMENT ON COLUMN ${s}.job.holds IS 'whether it holds its key';
CREATE INDEX job_due ON ${s}.job (queue, priority, due_at, seq);
CREATE UNIQUE INDEX job_own_id ON ${s}.job (own_id) WHERE own_id IS NOT NULL;
CREATE UNIQUE INDEX job_key ON ${s}.job (queue, key) WHERE holds;
CREATE UNIQUE INDEX job_dead ON ${s}.job (dead_seq) WHERE state = 'dead';
CREATE INDEX job_dead_queue ON ${s}.job (queue, dead_seq) WHERE state = 'dead';
CREATE INDEX job_canceled ON ${s}.job (due_at) WHERE state = 'canceled';
CREATE SEQUENCE ${s}.dead_seq AS bigint OWNED BY ${s}.job.dead_seq;

CREATE FUNCTION ${s}.seq_of(job_id text) RETURNS bigint
LANGUAGE sql STABLE
AS $body$
  SELECT coalesce(
    (SELECT j.seq FROM ${s}.job j WHERE j.own_id = job_id),
    (
      SELECT j.seq FROM ${s}.job j
      WHERE j.seq = CASE WHEN job_id ~ '^${tag}-[1-9][0-9]{0,17}$' THEN split_part(job_id, '-', 2)::bigint END
        AND j.own_id IS NULL
    )
  )
$body$;

CREATE TABLE ${s}.held_key (
  queue   text COLLATE "C" NOT NULL,
  key     text COLLATE "C" NOT NULL,
  job_id  text COLLATE "C" NOT NULL,
  until   timestamptz NOT NULL,
  PRIMARY KEY (queue, key)
);
COMMENT ON TABLE ${s}.held_key IS 'isobar: keys that are held for a window';
CREATE INDEX held_key_until ON ${s}.held_key (until);

CREATE TABLE ${s}.paused_queue (
  queue     text COLLATE "C" NOT NULL PRIMARY KEY,
  paused_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ${s}.paused_queue IS 'isobar: queues that hand nothing out';

CREATE TABLE ${s}.schedule (
  name      text COLLATE "C" NOT NULL PRIMARY KEY,
  last_tick timestamptz NOT NULL
);
COMMENT ON TABLE ${s}.schedule IS 'isobar: the last tick of each schedule that was enqueued';

CREATE TABLE ${s}.finished (
  id          text COLLATE "C" NOT NULL,
  ended_at    timestamptz NOT NULL,
  state       text COLLATE "C" NOT NULL,
  name        text COLLATE "C" NOT NULL,
  queue       text COLLATE "C" NOT NULL,
  priority    smallint NOT NULL,
  attempt     integer NOT NULL,
  crashes     integer NOT NULL,
  enqueued_at timestamptz NOT NULL,
  place       timestamptz NOT NULL,
  tenant      text,
  progress    json,
  error       json,
  result      json
) PARTITION BY RANGE (ended_at);
COMMENT ON TABLE ${s}.finished IS 'isobar: jobs that were done or cancelled, where retention is on';
CREATE INDEX finished_id ON ${s}.finished (id);

CREATE TABLE ${s}.execution (
  ended_at   timestamptz NOT NULL,
  started_at timestamptz NOT NULL,
  job_id     text COLLATE "C" NOT NULL,
  name       text COLLATE "C" NOT NULL,
  queue      text COLLATE "C" NOT NULL,
  attempt    integer NOT NULL,
  outcome    text COLLATE "C" NOT NULL,
  worker_id  text,
  tenant     text,
  error      json
) PARTITION BY RANGE (ended_at);
COMMENT ON TABLE ${s}.execution IS 'isobar: what was executed, where the execution log is on';
CREATE INDEX execution_job ON ${s}.execution (job_id, ended_at);
`
