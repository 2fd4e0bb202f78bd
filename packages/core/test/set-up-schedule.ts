import { onTestFinished } from 'vitest'
import { createApp } from '../src/app.ts'
import type { Broker } from '../src/broker.ts'
import type { Clock } from '../src/clock.ts'
import { defineJob } from '../src/job.ts'
import { createMemoryBroker } from '../src/memory/index.ts'
import type { MissedTicks, Schedule } from '../src/schedule.ts'
import { createFakeClock, type FakeClock } from '../src/testing/fake-clock.ts'
import { override } from '../src/testing/override.ts'
import type { Ticks } from '../src/ticks.ts'
import { createScheduler, type Scheduler } from '../src/worker/scheduler.ts'
import { intervalCron } from './interval-cron.ts'

/** Where the clock of a set-up starts: at midnight, a tick of every expression that tests use. */
export const START: number = Date.UTC(2026, 0, 1)

/** Between two ticks of the schedule, in ms. */
export const TICK_MS = 300_000

const report = defineJob<{ readonly kind: string }>({ name: 'report', queue: 'reports' })

/** How a scheduler reaches the broker. */
export interface Link {
  down: boolean
  /** Called after a tick was taken, with its number, and awaited before the answer. What it throws is the answer. */
  onSent?: (tick: number) => unknown
}

interface StartOptions {
  readonly missed?: MissedTicks
  readonly expression?: string
  readonly clock?: Clock
  readonly link?: Link
}

interface SetUp {
  readonly clock: FakeClock
  readonly broker: Broker
  readonly link: Link
  /** What schedulers told of. */
  readonly errors: unknown[]
  /** The ticks whose jobs were enqueued, in order: their numbers since `START`. */
  readonly sent: number[]
  /** Jobs in the broker. */
  ready(): Promise<number>
  /** The schedule as a scheduler gets it. */
  schedule(options?: StartOptions): Schedule
  /** Starts a scheduler of the schedule. Stopped when the test ends, if not before. */
  start(options?: StartOptions): Scheduler
}

/** A link that works. */
export const createLink = (): Link => ({ down: false })

/** A schedule of a tick each five minutes on a memory broker in fake time, and any number of schedulers of it. */
export function setUpSchedule(missed: MissedTicks = 'skip', expression: string = `every ${TICK_MS}`): SetUp {
  const clock = createFakeClock({ now: START })
  const broker = createMemoryBroker({ clock })
  const ticks = broker.ticks as Ticks
  const link = createLink()
  const errors: unknown[] = []
  const sent: number[] = []

  const schedule = (options: StartOptions = {}): Schedule =>
    createApp().schedule(report, options.expression ?? expression, {
      data: { kind: 'regular' },
      missed: options.missed ?? missed,
    }).schedules[0] as Schedule

  const by = (over: Link): Broker => {
    const down = async (): Promise<never> => {
      throw new Error('down')
    }
    return override(broker, {
      ticks: {
        last: (name) => (over.down ? down() : ticks.last(name)),
        async send(name, tick, spec) {
          if (over.down) await down()
          const taken = await ticks.send(name, tick, spec)
          const number = (tick - START) / TICK_MS
          if (taken) sent.push(number)
          await over.onSent?.(number)
          return taken
        },
      },
    })
  }

  return {
    clock,
    broker,
    link,
    errors,
    sent,
    schedule,
    ready: async () => (await broker.stats(['reports']))[0]?.ready ?? 0,
    start(options = {}) {
      const scheduler = createScheduler(by(options.link ?? link), [schedule(options)], {
        cron: intervalCron,
        clock: options.clock ?? clock,
        onError: (error) => void errors.push(error),
      })
      onTestFinished(() => scheduler.stop())
      return scheduler
    },
  }
}
