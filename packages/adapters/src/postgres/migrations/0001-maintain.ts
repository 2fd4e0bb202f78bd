/**
 * `maintain` does what only time brings about: makes partitions ahead of time, drops those in which everything is past
 * its retention, and deletes windows and cancelled jobs that are over. One caller at a time: the others have nothing to
 * do. A partition covers an hour, or a day where things are kept for more than two; its name tells its bounds, in
 * seconds since the epoch. Runs with its owner's rights, so that workers need none to create or drop tables.
 */
export const maintain = (s: string, schema: string): string => `
CREATE FUNCTION ${s}.make_partitions(parent text, keep_ms double precision) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog
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

CREATE FUNCTION ${s}.maintain(retain_ms double precision, log_ms double precision) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog SET lock_timeout = '5s' SET jit = off
AS $body$
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('isobar maintain ' || '${schema}', 0)) THEN
    RETURN;
  END IF;
  PERFORM ${s}.make_partitions('finished', retain_ms);
  PERFORM ${s}.make_partitions('execution', log_ms);
  DELETE FROM ${s}.held_key h WHERE h.until <= clock_timestamp();
  DELETE FROM ${s}.job j WHERE j.state = 'canceled' AND j.due_at <= clock_timestamp();
END
$body$;
`
