/**
 * `due` locks what a claim is to take: queues in the order given, then priority, then due time, one probe of `job_due`
 * each and no more rows than are taken. Rows that others hold are passed over. `next_due` tells in how many ms something
 * of the queues will be due; 0 or less when it is. `extend` sets leases anew and answers the lost, by their places from 1,
 * and without a reason those that were passed over; `extend_one` waits for such a one. It holds nothing else meanwhile, so
 * that it can be in nobody's way.
 *
 * The settings pin the plans to the indexes, and keep them: a queue's table empties and fills faster than its statistics,
 * and right after an ANALYZE a plan for the values at hand may take `job_due` for what is leased.
 */
export const claim = (s: string): string => `
CREATE FUNCTION ${s}.due(queues text[], maxes integer[], max integer) RETURNS tid[]
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan SET jit = off
AS $body$
DECLARE
  now timestamptz := statement_timestamp();
BEGIN
  RETURN ARRAY(
    SELECT picked.tid
    FROM unnest(queues, maxes) AS w(queue, max)
    CROSS JOIN LATERAL (
      SELECT c.tid
      FROM (VALUES (0::smallint), (1::smallint), (2::smallint)) AS p(priority)
      CROSS JOIN LATERAL (
        SELECT q.ctid AS tid FROM ${s}.job q
        WHERE q.queue = w.queue AND q.priority = p.priority AND q.due_at <= now AND q.state <> 'canceled'
        ORDER BY q.due_at, q.seq LIMIT w.max
        FOR UPDATE SKIP LOCKED
      ) AS c
      LIMIT w.max
    ) AS picked
    WHERE w.queue NOT IN (SELECT x.queue FROM ${s}.paused_queue x)
    LIMIT due.max
  );
END
$body$;

CREATE FUNCTION ${s}.next_due(queues text[]) RETURNS double precision
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan SET jit = off
AS $body$
DECLARE
  now timestamptz := statement_timestamp();
BEGIN
  RETURN (
    SELECT min(date_part('epoch', c.due_at - now) * 1000)
    FROM unnest(queues) AS w(queue)
    CROSS JOIN (VALUES (0::smallint), (1::smallint), (2::smallint)) AS p(priority)
    CROSS JOIN LATERAL (
      SELECT q.due_at FROM ${s}.job q
      WHERE q.queue = w.queue AND q.priority = p.priority AND q.due_at < 'infinity' AND q.state <> 'canceled'
      ORDER BY q.due_at LIMIT 1
    ) AS c
    WHERE w.queue NOT IN (SELECT x.queue FROM ${s}.paused_queue x)
  );
END
$body$;

CREATE FUNCTION ${s}.extend(seqs bigint[], deliveries integer[], lease_ms double precision)
RETURNS TABLE (n integer, reason text)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan SET jit = off SET lock_timeout = '5s'
AS $body$
#variable_conflict use_column
DECLARE
  now timestamptz := statement_timestamp();
  extended bigint[];
  held integer[];
BEGIN
  -- A row that is locked is being settled, cancelled or told of progress: not waited for, since others are held here.
  WITH kept AS (
    UPDATE ${s}.job j SET due_at = now + lease_ms * interval '1 ms'
    WHERE j.ctid = ANY (ARRAY(
      SELECT q.ctid
      FROM unnest(seqs, deliveries) AS d(seq, delivery)
      JOIN ${s}.job q ON q.seq = d.seq AND q.delivery = d.delivery
      WHERE q.state = 'running' AND q.due_at > now
      FOR UPDATE OF q SKIP LOCKED
    ))
    RETURNING j.seq
  ) SELECT array_agg(kept.seq) INTO extended FROM kept;
  IF cardinality(extended) = cardinality(seqs) THEN
    RETURN;
  END IF;
  SELECT array_agg(d.n::integer) INTO held
  FROM unnest(seqs, deliveries) WITH ORDINALITY AS d(seq, delivery, n)
  JOIN ${s}.job j ON j.seq = d.seq AND j.delivery = d.delivery
  WHERE j.state = 'running' AND j.due_at > now;
  RETURN QUERY SELECT lost.n, lost.reason FROM ${s}.lost(seqs, deliveries, held) AS lost;
  RETURN QUERY SELECT d.n::integer, NULL::text FROM unnest(seqs) WITH ORDINALITY AS d(seq, n)
  WHERE (d.n::integer IN (SELECT h.n FROM unnest(held) AS h(n))) IS TRUE
    AND d.seq NOT IN (SELECT e.seq FROM unnest(extended) AS e(seq));
END
$body$;

CREATE FUNCTION ${s}.extend_one(seq bigint, delivery integer, lease_ms double precision) RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off SET lock_timeout = '5s'
AS $body$
BEGIN
  UPDATE ${s}.job j SET due_at = clock_timestamp() + lease_ms * interval '1 ms'
  WHERE j.seq = extend_one.seq AND j.delivery = extend_one.delivery AND j.state = 'running'
    AND j.due_at > statement_timestamp();
EXCEPTION WHEN lock_not_available THEN
  -- Who settles or cancels it takes long. The next heartbeat asks again.
  NULL;
END
$body$;

CREATE FUNCTION ${s}.lost(seqs bigint[], deliveries integer[], held integer[])
RETURNS TABLE (n integer, reason text)
LANGUAGE sql STABLE
AS $body$
  SELECT d.n::integer, CASE WHEN j.seq IS NULL THEN 'lease' ELSE 'canceled' END
  FROM unnest(seqs, deliveries) WITH ORDINALITY AS d(seq, delivery, n)
  LEFT JOIN ${s}.job j ON j.seq = d.seq AND j.delivery = d.delivery AND j.state = 'canceled'
  WHERE d.n::integer NOT IN (SELECT h.n FROM unnest(held) AS h(n))
$body$;
`
