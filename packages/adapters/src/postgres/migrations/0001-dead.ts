/**
 * `redrive` and `discard` take up to `most` dead letters: of these ids, or of a queue. `last` is the newest dead letter
 * that is meant, so that one which dies again meanwhile is not taken twice. The queues of the redriven are told of on
 * `channel`, if there is one.
 */
export const dead = (s: string): string => `
CREATE FUNCTION ${s}.redrive(ids text[], of_queue text, last bigint, most integer, channel text) RETURNS integer
LANGUAGE plpgsql
SET jit = off SET lock_timeout = '10s'
AS $body$
DECLARE
  now timestamptz := statement_timestamp();
  taken integer := 0;
  woken text[] := '{}';
  seqs bigint[] := ARRAY(SELECT ${s}.seq_of(i.id) FROM unnest(ids) AS i(id));
  r record;
BEGIN
  FOR r IN
    SELECT j.seq, j.queue, j.key, j.dedupe FROM ${s}.job j
    WHERE j.state = 'dead' AND (ids IS NULL OR j.seq = ANY (seqs)) AND (of_queue IS NULL OR j.queue = of_queue)
      AND j.dead_seq <= last
    ORDER BY j.dead_seq LIMIT most
    FOR UPDATE
  LOOP
    taken := taken + 1;
    IF NOT r.queue = ANY (woken) THEN
      woken := woken || r.queue;
    END IF;
    UPDATE ${s}.job j SET
      state = 'queued', due_at = now, place = now, first_due = now, attempt = 1, crashes = 0, redrives = j.redrives + 1,
      worker_id = NULL, progress = NULL, error = NULL, reason = NULL, attempts = NULL, ended_at = NULL, dead_seq = NULL
    WHERE j.seq = r.seq;
    -- One whose key was taken meanwhile goes back without it.
    IF r.key IS NOT NULL AND r.dedupe <> 'window'
      AND NOT EXISTS (SELECT FROM ${s}.held_key h WHERE h.queue = r.queue AND h.key = r.key AND h.until > now)
    THEN
      BEGIN
        UPDATE ${s}.job j SET holds = true WHERE j.seq = r.seq;
      EXCEPTION WHEN unique_violation THEN
        NULL;
      END;
    END IF;
  END LOOP;
  PERFORM pg_notify(channel, w.queue) FROM unnest(woken) AS w(queue) WHERE channel IS NOT NULL;
  RETURN taken;
END
$body$;

CREATE FUNCTION ${s}.discard(ids text[], of_queue text, last bigint, most integer) RETURNS integer
LANGUAGE plpgsql
SET jit = off SET lock_timeout = '10s'
AS $body$
DECLARE
  taken integer;
  seqs bigint[] := ARRAY(SELECT ${s}.seq_of(i.id) FROM unnest(ids) AS i(id));
BEGIN
  DELETE FROM ${s}.job j WHERE j.seq = ANY (ARRAY(
    SELECT d.seq FROM ${s}.job d
    WHERE d.state = 'dead' AND (ids IS NULL OR d.seq = ANY (seqs)) AND (of_queue IS NULL OR d.queue = of_queue)
      AND d.dead_seq <= last
    ORDER BY d.dead_seq LIMIT most
    FOR UPDATE
  ));
  GET DIAGNOSTICS taken = ROW_COUNT;
  RETURN taken;
END
$body$;
`
