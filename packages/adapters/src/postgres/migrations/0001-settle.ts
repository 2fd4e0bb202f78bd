/** What differs between the steps that make `settle`. */
export interface SettleVariant {
  readonly create: 'CREATE FUNCTION' | 'CREATE OR REPLACE FUNCTION'
  /** Whether an outcome `d` raises the crashes. */
  readonly crashes: string
  /** The reason that an outcome `d` leaves with its job. */
  readonly reason: string
  /** Whether follow-up jobs come with trace contexts: another argument, and so another function beside the elder. */
  readonly traced?: boolean
}

/**
 * `settle` brings each delivery to the end that its outcome says, if it still holds its job, and answers the lost by
 * their places from 1. Acks go first: their jobs are gone before their follow-up jobs come, so that one of those may have
 * the key. Without `kinds` all are acks.
 */
export const settleFunction = (s: string, { create, crashes, reason, traced = false }: SettleVariant): string => {
  const only = (text: string): string => (traced ? text : '')
  return `
${create} ${s}.settle(
  seqs bigint[], deliveries integer[],
  kinds text[], delays double precision[], errors text[], reasons text[], flags boolean[], results text[],
  started double precision[], ended double precision[], retain boolean, log boolean,
  parents integer[], own_ids text[], names text[], queues text[], priorities smallint[], job_delays double precision[],
  payloads json, tenants text[], keys text[], dedupes text[], windows double precision[], raws text[], problems text[],
  channel text, woken text[]${only(', traces text[]')}
) RETURNS TABLE (n integer, reason text)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan SET jit = off SET lock_timeout = '10s'
AS $body$
#variable_conflict use_column
DECLARE
  now timestamptz := statement_timestamp();
  held integer[];
BEGIN
  IF woken IS NOT NULL THEN
    PERFORM pg_notify(channel, w.queue) FROM unnest(woken) AS w(queue);
  END IF;
  IF NOT retain AND NOT log THEN
    WITH gone AS (
      DELETE FROM ${s}.job j
      USING unnest(seqs, deliveries, kinds) WITH ORDINALITY AS d(seq, delivery, kind, n)
      WHERE (d.kind IS NULL OR d.kind = 'ack')
        AND j.seq = d.seq AND j.delivery = d.delivery AND j.state = 'running' AND j.due_at > now
      RETURNING d.n
    )
    SELECT coalesce(array_agg(gone.n::integer), '{}') INTO held FROM gone;
  ELSE
    WITH gone AS (
      DELETE FROM ${s}.job j
      USING unnest(seqs, deliveries, kinds, results, started, ended)
        WITH ORDINALITY AS d(seq, delivery, kind, result, started, ended, n)
      WHERE (d.kind IS NULL OR d.kind = 'ack')
        AND j.seq = d.seq AND j.delivery = d.delivery AND j.state = 'running' AND j.due_at > now
      RETURNING d.n, d.result, d.started, d.ended, j.id, j.name, j.queue, j.priority, j.attempt, j.crashes,
        j.enqueued_at, j.place, j.tenant, j.worker_id, j.progress, j.error
    ), kept AS (
      INSERT INTO ${s}.finished
        (id, ended_at, state, name, queue, priority, attempt, crashes, enqueued_at, place, tenant, progress, error, result)
      SELECT g.id, now, 'done', g.name, g.queue, g.priority, g.attempt, g.crashes, g.enqueued_at, g.place, g.tenant,
        g.progress, g.error, g.result::json
      FROM gone g WHERE retain
    ), logged AS (
      INSERT INTO ${s}.execution (ended_at, started_at, job_id, name, queue, attempt, outcome, worker_id, tenant)
      SELECT now, now - (g.ended - g.started) * interval '1 ms', g.id, g.name, g.queue, g.attempt, 'ack', g.worker_id,
        g.tenant
      FROM gone g WHERE log AND g.started IS NOT NULL
    )
    SELECT coalesce(array_agg(gone.n::integer), '{}') INTO held FROM gone;
  END IF;
  IF parents IS NOT NULL AND cardinality(held) < cardinality(seqs) THEN
    IF EXISTS (SELECT FROM unnest(parents) AS p(n) WHERE p.n NOT IN (SELECT h.n FROM unnest(held) AS h(n))) THEN
      SELECT array_agg(v.own_id ORDER BY v.n),
        array_agg(CASE WHEN v.payload IS NOT NULL THEN v.name END ORDER BY v.n), array_agg(v.queue ORDER BY v.n),
        array_agg(v.priority ORDER BY v.n), array_agg(v.delay ORDER BY v.n), json_agg(v.payload ORDER BY v.n),
        array_agg(v.tenant ORDER BY v.n), array_agg(v.key ORDER BY v.n), array_agg(v.dedupe ORDER BY v.n),
        array_agg(v.span ORDER BY v.n), array_agg(v.raw ORDER BY v.n), array_agg(v.problem ORDER BY v.n)${only(', array_agg(v.trace ORDER BY v.n)')}
      INTO own_ids, names, queues, priorities, job_delays, payloads, tenants, keys, dedupes, windows, raws, problems${only(', traces')}
      FROM ROWS FROM (
        unnest(parents), unnest(own_ids), unnest(names), unnest(queues), unnest(priorities), unnest(job_delays),
        json_array_elements(payloads), unnest(tenants), unnest(keys), unnest(dedupes), unnest(windows),
        unnest(raws), unnest(problems)${only(', unnest(traces)')}
      ) WITH ORDINALITY AS v(parent, own_id, name, queue, priority, delay, payload, tenant, key, dedupe, span, raw, problem${only(', trace')}, n)
      -- Not as a join, whose ways are turned off here: so it is looked up in a hash table. A text that is not JSON may
      -- leave too many elements: what has no parent is kept, and refused with its missing name.
      WHERE (v.parent IN (SELECT h.n FROM unnest(held) AS h(n))) IS NOT FALSE;
    END IF;
  END IF;
  IF parents IS NOT NULL AND names IS NOT NULL THEN
    PERFORM FROM ${s}.enqueue(
      own_ids, names, queues, priorities, job_delays, payloads, tenants, keys, dedupes, windows, raws, problems, NULL, NULL${only(', traces')}
    );
  END IF;
  IF kinds IS NOT NULL THEN
    WITH moved AS (
      UPDATE ${s}.job j SET
        state = CASE d.kind WHEN 'dead' THEN 'dead' ELSE 'queued' END,
        due_at = CASE
          WHEN d.kind = 'dead' THEN 'infinity'
          WHEN d.delay IS NULL THEN j.place
          ELSE now + d.delay * interval '1 ms'
        END,
        place = CASE WHEN d.delay IS NULL THEN j.place ELSE now + d.delay * interval '1 ms' END,
        attempt = j.attempt + (d.kind = 'retry')::integer,
        crashes = j.crashes + (${crashes})::integer,
        error = coalesce(d.error::json, j.error),
        holds = j.holds AND d.kind <> 'dead',
        reason = ${reason},
        attempts = CASE d.kind WHEN 'dead' THEN j.attempt - (NOT d.flag)::integer END,
        ended_at = CASE d.kind WHEN 'dead' THEN now END,
        dead_seq = CASE d.kind WHEN 'dead' THEN nextval('${s}.dead_seq') END
      FROM unnest(seqs, deliveries, kinds, delays, errors, reasons, flags, started, ended)
        WITH ORDINALITY AS d(seq, delivery, kind, delay, error, reason, flag, started, ended, n)
      WHERE d.kind <> 'ack'
        AND j.seq = d.seq AND j.delivery = d.delivery AND j.state = 'running' AND j.due_at > now
      RETURNING d.n, d.kind, d.error, d.started, d.ended, j.id, j.name, j.queue, j.attempt, j.worker_id, j.tenant
    ), logged AS (
      INSERT INTO ${s}.execution (ended_at, started_at, job_id, name, queue, attempt, outcome, worker_id, tenant, error)
      SELECT now, now - (m.ended - m.started) * interval '1 ms', m.id, m.name, m.queue,
        m.attempt - (m.kind = 'retry')::integer, m.kind, m.worker_id, m.tenant, m.error::json
      FROM moved m WHERE log AND m.started IS NOT NULL
    )
    SELECT held || array_agg(moved.n::integer) INTO held FROM moved;
  END IF;
  IF cardinality(held) = cardinality(seqs) THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT lost.n, lost.reason FROM ${s}.lost(seqs, deliveries, held) AS lost;
  DELETE FROM ${s}.job j
  USING unnest(seqs, deliveries) AS d(seq, delivery)
  WHERE j.seq = d.seq AND j.delivery = d.delivery AND j.state = 'canceled';
END
$body$;
`
}

/** `cancel` ends a job that is queued or running; the owner of a running one is told when it settles or extends. */
const cancelFunction = (s: string): string => `
CREATE FUNCTION ${s}.cancel(job_id text, retain boolean) RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off SET lock_timeout = '10s'
AS $body$
DECLARE
  now timestamptz := statement_timestamp();
  r ${s}.job;
BEGIN
  SELECT * INTO r FROM ${s}.job j WHERE j.seq = ${s}.seq_of(job_id) AND j.state IN ('queued', 'running') FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF retain THEN
    INSERT INTO ${s}.finished
      (id, ended_at, state, name, queue, priority, attempt, crashes, enqueued_at, place, tenant, progress, error)
    VALUES (r.id, now, 'canceled', r.name, r.queue, r.priority, r.attempt, r.crashes, r.enqueued_at, r.place, r.tenant,
      r.progress, r.error);
  END IF;
  IF r.state = 'running' AND r.due_at > now THEN
    UPDATE ${s}.job j SET state = 'canceled', holds = false, ended_at = now WHERE j.seq = r.seq;
  ELSE
    DELETE FROM ${s}.job j WHERE j.seq = r.seq;
  END IF;
  RETURN true;
END
$body$;
`

export const settle = (s: string): string =>
  settleFunction(s, { create: 'CREATE FUNCTION', crashes: `d.kind = 'release' AND d.flag`, reason: 'd.reason' }) +
  cancelFunction(s)
