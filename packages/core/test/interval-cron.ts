import type { CronParser } from '../src/worker/scheduler.ts'

/** A parser for tests: understands `every N` (in ms since the epoch) and `at N` (ms since the epoch). */
export const intervalCron: CronParser = {
  next(expression, after) {
    const [word, number] = expression.split(' ')
    const ms = Number(number)
    if (Number.isNaN(ms)) throw new TypeError('no such expression')
    if (word === 'at') return ms > after.getTime() ? new Date(ms) : undefined
    return new Date((Math.floor(after.getTime() / ms) + 1) * ms)
  },
}
