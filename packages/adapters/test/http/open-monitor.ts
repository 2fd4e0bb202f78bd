import { type App, createApp, defineJob, fixed, Unrecoverable } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer, type Producer } from '@isobar/core/producer'
import { createFakeClock, type FakeClock } from '@isobar/core/testing'
import { onTestFinished } from 'vitest'
import { createMonitor, type Monitor } from '../../src/http/index.ts'
import { type ServeOptions, type Server, serve } from '../../src/processes/entry.ts'

export const send = defineJob<{ readonly to: string }>({ name: 'email.send', queue: 'email' })
export const refuse = defineJob<{ readonly secret: string }>({ name: 'email.refuse', queue: 'email' })
// Not again within any test: by chance, as by default, it would be in some.
export const flaky = defineJob({ name: 'email.flaky', queue: 'email', retry: { backoff: fixed('1h') } })
export const hold = defineJob({ name: 'page.hold', queue: 'pages' })

/** A worker that is watched, on a clock that stands still. */
export interface Watched {
  readonly server: Server
  readonly monitor: Monitor
  readonly jobs: Producer
  readonly clock: FakeClock
  /** Waits until so many jobs have settled. */
  settled(count: number): Promise<void>
}

/** The jobs above: one that is done, one that is dead, one that is tried again, one that runs until it is aborted. */
export function createTestApp(): App {
  return createApp()
    .on(send, (ctx) => `sent to ${ctx.data.to}`)
    .on(refuse, () => {
      throw new Unrecoverable('refused')
    })
    .on(flaky, () => {
      throw new Error('not now')
    })
    .on(
      hold,
      (ctx) => new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))),
    )
}

/** Serves an app on a memory broker and watches it, until the test has finished. */
export async function openMonitor(app: App = createTestApp(), options: Partial<ServeOptions> = {}): Promise<Watched> {
  const clock = createFakeClock()
  const broker = createMemoryBroker({ clock })
  const server = await serve(app, {
    broker,
    clock,
    signals: false,
    id: 'w1',
    abortGrace: 0,
    ...options,
  } as ServeOptions)
  const monitor = createMonitor(server, { clock })
  let count = 0
  let waiting: { readonly count: number; resolve(): void } | undefined
  server.addHook('settle', () => {
    count++
    if (waiting && count >= waiting.count) waiting.resolve()
  })
  onTestFinished(async () => {
    monitor.dispose()
    const stopped = server.stop()
    await clock.advance(120_000)
    await stopped
  })
  return {
    server,
    monitor,
    jobs: createProducer(broker),
    clock,
    async settled(wanted) {
      if (count < wanted) await new Promise<void>((resolve) => (waiting = { count: wanted, resolve }))
      // The settler reports, the broker answers.
      await clock.advance(0)
    },
  }
}
