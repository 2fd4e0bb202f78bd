import type { Broker, HookEvents } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { type Numbered, numbered, toEnds } from './app.ts'

/** Sends jobs to a worker and waits for what becomes of them. */
export interface Replay {
  /** To be told of each settled job. */
  onSettle(event: HookEvents['settle']): void
  /** Sends job `n`; resolves when it and its follow-up are settled for good, and the broker has heard. */
  run(n: number): Promise<void>
}

/** Of jobs on this broker. */
export function createReplay(broker: Broker): Replay {
  const producer = createProducer(broker)
  const waiting = new Map<number, { left: number; dead: string[]; resolve: () => void }>()
  return {
    onSettle({ job: { id, payload }, outcome }) {
      if (outcome.kind === 'retry' || outcome.kind === 'release' || !('text' in payload)) return
      const { n } = JSON.parse(payload.text) as Numbered
      const one = waiting.get(n)
      if (!one) return
      if (outcome.kind === 'dead') one.dead.push(id)
      if (--one.left > 0) return
      waiting.delete(n)
      one.resolve()
    },
    async run(n) {
      const { jobs, dies } = toEnds(n)
      const dead: string[] = []
      const settled = new Promise<void>((resolve) => waiting.set(n, { left: jobs, dead, resolve }))
      const { id } = await producer.enqueue(numbered, { n })
      await settled
      // What is settled here the broker hears a moment later.
      while ((await broker.get(id))?.state === 'running') await new Promise((resolve) => setImmediate(resolve))
      if (dies && (await broker.deadLetters?.discard({ ids: dead })) !== 1) throw new Error(`job ${n} left no letter`)
    },
  }
}
