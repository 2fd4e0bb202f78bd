import { rejects } from '../assert.ts'
import type { Ability, CaseContext } from './context.ts'

/** Code of `UnsupportedError`. */
export const UNSUPPORTED = 'UNSUPPORTED'

/** Asks for something that a broker says it cannot do, in every way there is. */
const asks: Readonly<Record<Ability, (t: CaseContext) => Promise<(() => Promise<unknown>)[]>>> = {
  delay: async (t) => [() => t.send({ delayMs: 1_000 })],
  priority: async (t) => [() => t.send({ priority: 'high' })],
  dedupe: async (t) => [() => t.send({ key: 'key' })],
  extend: async (t) => {
    const delivery = await one(t)
    return [() => t.broker.extend([delivery], 30_000)]
  },
  atomicEnqueue: async (t) => {
    const delivery = await one(t)
    return [() => t.settle(delivery, { kind: 'ack', enqueue: [t.spec()] })]
  },
  deadLetter: async (t) => [
    () => t.broker.deadLetters.list(),
    () => t.broker.deadLetters.redrive({ ids: [] }),
    () => t.broker.deadLetters.discard({ ids: [] }),
  ],
  stats: async (t) => [() => t.broker.stats([t.name()])],
  lookup: async (t) => [() => t.broker.get('id'), () => t.broker.cancel('id')],
  pause: async (t) => [() => t.broker.pause(t.name()), () => t.broker.resume(t.name())],
  progress: async (t) => {
    const delivery = await one(t)
    return [() => t.broker.progress(delivery, 1)]
  },
}

async function one(t: CaseContext): ReturnType<CaseContext['receiveOne']> {
  await t.sendOne()
  return t.receiveOne()
}

/** Checks that a broker which cannot do something says so, instead of doing something else. */
export async function checkRefusal(t: CaseContext, ability: Ability): Promise<void> {
  for (const ask of await asks[ability](t))
    await rejects(ask, `asking for ${ability}, which can.${ability} denies`, UNSUPPORTED)
}
