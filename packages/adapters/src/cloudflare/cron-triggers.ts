import type { ScheduledController } from '@cloudflare/workers-types'
import { type App, type JobSpec, OptionError, type Schedule, UnsupportedError } from '@isobar/core'
import { toSpec } from '@isobar/core/producer'
import type { CronParser } from '@isobar/core/worker'
import type { QueueBindings } from './bindings.ts'
import { toSender } from './sender.ts'

/** How often cron triggers can fire, in ms. */
const MINUTE_MS = 60_000

/** Enqueues what is due at an event of a cron trigger. */
export type RunSchedules<Env> = (controller: ScheduledController, env: Env) => Promise<void>

/** Options of `cronTriggers`. */
export interface CronTriggerOptions {
  /** Reads cron expressions. Default: the platform does. */
  readonly cron?: CronParser
}

/** Makes a Worker's `scheduled` of an app: what `scheduled` of a Worker takes. */
export type Schedules<Env> = (app: Pick<App<Env>, 'schedules'>, queues: QueueBindings<Env>) => RunSchedules<Env>

/**
 * Runs the app's schedules at the events of cron triggers. Without a parser an event runs the schedules that have the very
 * expression of its trigger, which the platform reads in UTC; with one, whatever has its tick in that minute, so that one
 * trigger `* * * * *` serves all, in any time zone. A tick's job has the id `schedule:name@time`.
 *
 * @example
 * toWorker<Env>(app, { deadLetter: 'DLQ', queues, scheduled: cronTriggers() })
 */
export function cronTriggers<Env>({ cron }: CronTriggerOptions = {}): Schedules<Env> {
  return (app, queues) => toScheduled(app, queues, cron)
}

/** @throws {OptionError | UnsupportedError} for schedules that cannot run so. */
function toScheduled<Env>(
  { schedules }: Pick<App<Env>, 'schedules'>,
  queues: QueueBindings<Env>,
  cron: CronParser | undefined,
): RunSchedules<Env> {
  for (const schedule of schedules) checkSchedule(schedule, cron)
  return async ({ cron: trigger, scheduledTime }, env) => {
    const tick = Math.floor(scheduledTime / MINUTE_MS) * MINUTE_MS
    const due = schedules.filter((schedule) =>
      cron ? hasTick(cron, schedule, tick) : toFields(schedule.cron) === toFields(trigger),
    )
    if (due.length === 0 && !cron)
      throw new OptionError(
        `no schedule has the expression of the trigger "${trigger}"; there are: ${schedules.map((one) => one.cron).join(', ')}`,
      )
    const specs: JobSpec[] = []
    for (const { name, type, data } of due)
      specs.push({ ...(await toSpec(type, data)), id: `schedule:${name}@${new Date(tick).toISOString()}` })
    if (specs.length > 0) await toSender(queues, env).send(specs)
  }
}

function checkSchedule({ name, timezone, missed }: Schedule, cron: CronParser | undefined): void {
  if (missed !== 'skip')
    throw new UnsupportedError(
      'cloudflare',
      `make up for missed ticks of schedule ${name}: it keeps no record of them`,
      "leave missed at 'skip'",
    )
  if (!cron && timezone !== 'UTC')
    throw new OptionError(`schedule ${name} is in ${timezone}, and cron triggers are in UTC; give a parser as cron`)
}

/** Whether a schedule has a tick in the minute that begins at `tick`. */
function hasTick(cron: CronParser, { cron: expression, timezone }: Schedule, tick: number): boolean {
  const next = cron.next(expression, new Date(tick - 1), timezone)?.getTime() ?? Number.POSITIVE_INFINITY
  return next < tick + MINUTE_MS
}

function toFields(expression: string): string {
  return expression.trim().split(/\s+/).join(' ')
}
