import type { CronParser } from '@isobar/core/worker'
import { Cron } from 'croner'

/** Reads cron expressions with croner: five or six fields, names, ranges, steps, `L`, `#`, time zones, daylight saving. */
export const cron: CronParser = {
  next(expression, after, timezone) {
    return new Cron(expression, { timezone, paused: true }).nextRun(after) ?? undefined
  },
}
