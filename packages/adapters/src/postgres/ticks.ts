import { OptionError, type Sender, type Ticks } from '@isobar/core'
import { checkSpecs, checkTick, MAX_TICK_AHEAD_MS } from '@isobar/core/producer'
import type { Session } from './session.ts'
import { assertTexts, toSpecRows } from './specs.ts'

/** Longest name of a schedule, in characters: it must fit into an entry of an index. */
const MAX_NAME = 600

const time = (value: string): string => `'epoch'::timestamptz + ${value}::double precision * interval '1 ms'`

/** Whole ms, which seconds with a fraction are only nearly. */
const ms = (value: string): string => `round(date_part('epoch', ${value}) * 1000)`

const KNOWN = (s: string): string => `SELECT ${ms('last_tick')} FROM ${s}.schedule WHERE name = $1`

/** Answers the record that is there, where another has made it at the same time. */
const RECORD = (s: string): string => `
  INSERT INTO ${s}.schedule AS known (name, last_tick) VALUES ($1, date_trunc('milliseconds', clock_timestamp()))
  ON CONFLICT (name) DO UPDATE SET last_tick = known.last_tick RETURNING ${ms('last_tick')}`

/**
 * Record and job in one statement: no lock is held while somebody has yet to ask the next, and stops. `enqueue` runs
 * for each row that was taken, one or none. Its last two arguments, whom to notify, are left out.
 */
const SEND = (s: string): string => `
  WITH taken AS (
    INSERT INTO ${s}.schedule AS known (name, last_tick)
    SELECT $1, tick.at FROM (SELECT ${time('$2')}) AS tick(at)
    WHERE tick.at <= clock_timestamp() + $3::double precision * interval '1 ms'
    ON CONFLICT (name) DO UPDATE SET last_tick = excluded.last_tick WHERE known.last_tick < excluded.last_tick
    RETURNING name
  ), enqueued AS (
    SELECT ${s}.enqueue($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL, NULL, NULL) FROM taken
  )
  SELECT (SELECT count(*) FROM taken), ${ms('clock_timestamp()')}, (SELECT count(*) FROM enqueued)`

/** The record of schedules. `wake` is told which queue has got a job. */
export function createTicks(
  session: Session,
  sender: Pick<Sender, 'name' | 'can'>,
  wake: (queue: string) => void,
): Ticks {
  return {
    async last(name) {
      session.assertOpen('tell the last tick')
      assertName(name)
      const [known] = await session.ask('tell the last tick', KNOWN(session.s), [name])
      const [row] = known ? [known] : await session.ask('record a schedule', RECORD(session.s), [name])
      return Number(row?.[0])
    },
    async send(name, tick, spec) {
      session.assertOpen('enqueue a tick')
      assertName(name)
      checkSpecs([spec], sender)
      assertTexts([spec])
      const values = [name, tick, MAX_TICK_AHEAD_MS, ...toSpecRows([spec], true)]
      const [row] = await session.ask('enqueue a tick', SEND(session.s), values)
      if (Number(row?.[0]) === 0) {
        checkTick(sender.name, name, tick, Number(row?.[1]))
        return false
      }
      wake(spec.queue)
      return true
    },
  }
}

function assertName(name: string): void {
  if (name.length <= MAX_NAME && !name.includes('\u0000')) return
  throw new OptionError(
    `schedule ${name.slice(0, 100)} must have at most ${MAX_NAME} characters in its name, with its expression and time zone, and no NUL`,
  )
}
