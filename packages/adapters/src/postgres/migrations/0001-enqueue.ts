/**
 * `enqueue` adds jobs in the order of its arrays and answers their ids as a JSON array, and the places, from 1, of those
 * that were there already, with whose ids they are answered. `payloads` is a JSON array, so that no text is escaped
 * twice. Without `own_ids`, `keys` and `raws` it is one INSERT. A key is held by a job (`job_key`) or by a window
 * (`held_key`), never by both. A text that is not JSON may leave too few elements: a row without one has no name either,
 * which the table refuses.
 */
export const enqueueFunction = (s: string, { traced }: { readonly traced: boolean }): string => {
  // What a function has that is given trace contexts, and its elder has not.
  const only = (text: string): string => (traced ? text : '')
  return `
CREATE FUNCTION ${s}.enqueue(
  own_ids text[], names text[], queues text[], priorities smallint[], delays double precision[], payloads json,
  tenants text[], keys text[], dedupes text[], windows double precision[], raws text[], problems text[],
  channel text, woken text[]${only(', traces text[]')}
) RETURNS TABLE (ids json, duplicates json)
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off SET lock_timeout = '10s'
AS $body$
#variable_conflict use_column
DECLARE
  now timestamptz := statement_timestamp();
  r record;
  job_id text;
  job_ids text[] := '{}';
  held integer[] := '{}';
BEGIN
  IF woken IS NOT NULL THEN
    PERFORM pg_notify(channel, w.queue) FROM unnest(woken) AS w(queue);
  END IF;
  IF own_ids IS NULL AND keys IS NULL AND raws IS NULL THEN
    RETURN QUERY WITH added AS (
      INSERT INTO ${s}.job AS j (name, queue, priority, due_at, place, first_due, enqueued_at, payload, tenant${only(', trace')})
      SELECT CASE WHEN v.payload IS NOT NULL THEN v.name END, v.queue, v.priority, d.at, d.at, d.at, now, v.payload, v.tenant${only(', v.trace')}
      FROM ROWS FROM (
        unnest(names), unnest(queues), unnest(priorities), unnest(delays), json_array_elements(payloads), unnest(tenants)${only(', unnest(traces)')}
      ) AS v(name, queue, priority, delay, payload, tenant${only(', trace')})
      CROSS JOIN LATERAL (SELECT now + v.delay * interval '1 ms') AS d(at)
      RETURNING j.id
    ) SELECT json_agg(added.id), NULL::json FROM added;
    RETURN;
  END IF;
  FOR r IN
    SELECT v.*, now + v.delay * interval '1 ms' AS due
    FROM ROWS FROM (
      unnest(own_ids), unnest(names), unnest(queues), unnest(priorities), unnest(delays),
      json_array_elements(payloads), unnest(tenants), unnest(keys), unnest(dedupes), unnest(windows),
      unnest(raws), unnest(problems)${only(', unnest(traces)')}
    ) WITH ORDINALITY AS v(own_id, name, queue, priority, delay, payload, tenant, key, dedupe, span, raw, problem${only(', trace')}, n)
  LOOP
    -- A holder that ends between the conflict and the look at it leaves nothing to report: then it is tried again.
    FOR round IN 1..10 LOOP
      IF r.own_id IS NOT NULL THEN
        SELECT j.id INTO job_id FROM ${s}.job j WHERE j.seq = ${s}.seq_of(r.own_id) AND j.state <> 'canceled';
        EXIT WHEN FOUND;
      END IF;
      IF r.key IS NOT NULL THEN
        SELECT h.job_id INTO job_id FROM ${s}.held_key h WHERE h.queue = r.queue AND h.key = r.key AND h.until > now;
        EXIT WHEN FOUND;
        SELECT j.id INTO job_id FROM ${s}.job j WHERE j.queue = r.queue AND j.key = r.key AND j.holds;
        EXIT WHEN FOUND;
      END IF;
      INSERT INTO ${s}.job AS j
        (own_id, name, queue, priority, due_at, place, first_due, enqueued_at, payload, raw, problem, tenant, key, dedupe, holds${only(', trace')})
      VALUES (
        r.own_id, CASE WHEN r.payload IS NOT NULL THEN r.name END, r.queue, r.priority, r.due, r.due, r.due, now,
        CASE WHEN r.raw IS NULL THEN r.payload END, decode(r.raw, 'base64'), r.problem, r.tenant, r.key, r.dedupe,
        r.key IS NOT NULL AND r.dedupe <> 'window'${only(', r.trace')}
      ) ON CONFLICT DO NOTHING
      RETURNING j.id INTO job_id;
      IF FOUND THEN
        job_ids := job_ids || job_id;
        job_id := NULL;
        EXIT WHEN r.key IS NULL OR r.dedupe <> 'window';
        INSERT INTO ${s}.held_key AS h (queue, key, job_id, until)
        VALUES (r.queue, r.key, job_ids[r.n], now + r.span * interval '1 ms')
        ON CONFLICT (queue, key) DO UPDATE SET job_id = excluded.job_id, until = excluded.until WHERE h.until <= now;
        EXIT WHEN FOUND;
        -- Somebody took the window at the same time.
        DELETE FROM ${s}.job j WHERE j.seq = ${s}.seq_of(job_ids[r.n]);
        job_ids := trim_array(job_ids, 1);
      ELSE
        -- What is left of a job that was cancelled while it ran gives way.
        DELETE FROM ${s}.job j WHERE j.own_id = r.own_id AND j.state = 'canceled';
      END IF;
      IF round = 10 THEN
        RAISE EXCEPTION 'the key of job % changes hands too fast', r.name USING ERRCODE = '40001';
      END IF;
    END LOOP;
    IF job_id IS NOT NULL THEN
      job_ids := job_ids || job_id;
      held := held || r.n::integer;
    END IF;
  END LOOP;
  ids := array_to_json(job_ids);
  duplicates := array_to_json(held);
  RETURN NEXT;
END
$body$;
`
}

export const enqueue = (s: string): string => enqueueFunction(s, { traced: false })
