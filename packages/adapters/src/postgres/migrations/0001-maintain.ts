/**
 * `maintain` does what only time brings about: makes partitions ahead of time, drops those in which everything is past
 * its retention, and deletes windows and cancelled jobs that are over. One caller at a time: the others have nothing to
 * do, but for those who need a partition now and are `patient`. Nobody's row is waited for, since tables may be locked.
 * A partition covers an hour, or a day where things are kept for more than two; its name tells its bounds, in seconds
 * since the epoch. Runs with its owner's rights, so that workers need none to create or drop tables: so every name in it
 * is looked for in the catalog before anybody's temporary tables, and not everybody may call it.
 */
export const maintain = (s: string, schema: string): string => `
CREATE FUNCTION ${s}.make_partitions(parent text, keep_ms double precision) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
  seconds bigint := CASE WHEN keep_ms > 172800000 THEN 86400 ELSE 3600 END;
  now_at bigint := floor(date_part('epoch', clock_timestamp()));
  last bigint;
  at bigint;
  stop bigint;
  part record;
BEGIN
  IF keep_ms <= 0 OR parent NOT IN ('finished', 'execution') THEN
    RETURN;
  END IF;
  FOR part IN
    SELECT c.relname, split_part(c.relname, '_', 3)::bigint AS stop
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = format('%I.%I', '${schema}', parent)::regclass
  LOOP
    IF part.stop < now_at - keep_ms / 1000 THEN
      EXECUTE format('DROP TABLE %I.%I', '${schema}', part.relname);
    ELSE
      last := greatest(last, part.stop);
    END IF;
  END LOOP;
  -- The clocks of a failover may differ by a little: at first an hour back is covered too.
  at := greatest(last, now_at - now_at % seconds - CASE WHEN last IS NULL THEN 3600 ELSE 0 END);
  WHILE at < now_at + 2 * seconds LOOP
    stop := at - at % seconds + seconds;
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I.%I PARTITION OF %I.%I FOR VALUES FROM (%L) TO (%L)',
      '${schema}', format('%s_%s_%s', parent, at, stop), '${schema}', parent, to_timestamp(at), to_timestamp(stop));
    at := stop;
  END LOOP;
END
$body$;

CREATE FUNCTION ${s}.maintain(retain_ms double precision, log_ms double precision, patient boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' SET jit = off
AS $body$
DECLARE
  turn bigint := hashtextextended('isobar maintain ' || '${schema}', 0);
BEGIN
  IF patient THEN
    PERFORM pg_advisory_xact_lock(turn);
  ELSIF NOT pg_try_advisory_xact_lock(turn) THEN
    RETURN;
  END IF;
  PERFORM ${s}.make_partitions('finished', retain_ms);
  PERFORM ${s}.make_partitions('execution', log_ms);
  DELETE FROM ${s}.held_key h WHERE h.ctid = ANY (ARRAY(
    SELECT k.ctid FROM ${s}.held_key k WHERE k.until <= statement_timestamp() FOR UPDATE SKIP LOCKED
  ));
  DELETE FROM ${s}.job j WHERE j.ctid = ANY (ARRAY(
    SELECT c.ctid FROM ${s}.job c WHERE c.state = 'canceled' AND c.due_at <= statement_timestamp() FOR UPDATE SKIP LOCKED
  ));
END
$body$;

REVOKE ALL ON FUNCTION ${s}.make_partitions(text, double precision) FROM PUBLIC;
REVOKE ALL ON FUNCTION ${s}.maintain(double precision, double precision, boolean) FROM PUBLIC;
`
