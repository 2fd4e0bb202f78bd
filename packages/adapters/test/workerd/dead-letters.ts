import type { DeadLetter } from '@isobar/core'
import { encodeEnvelope } from '@isobar/core/codec'
import { type Death, toDeadMessage } from '../../src/cloudflare/dead-message.ts'
import { toMessage } from './messages.ts'
import { openWorkerd, type TestMessage, type Workerd } from './open-workerd.ts'

/** A page of letters as the Worker answers it. */
export type Page = { readonly items: readonly DeadLetter[]; readonly cursor?: string }

/** A Worker with a queue of jobs, one of dead letters, and the letters in D1. */
export const openLetters = (): Promise<Workerd> =>
  openWorkerd(new URL('./fixtures/letters.ts', import.meta.url), {
    queueProducers: { JOBS: 'jobs', DLQ: 'dead' },
    queueConsumers: { jobs: { maxBatchTimeout: 0.02 }, dead: { maxBatchTimeout: 0.02 } },
    d1Databases: { DB: 'db' },
  })

/** A letter as its queue delivers it. */
export function toLetter(
  id: string,
  death: Partial<Omit<Death, 'job'>> & { readonly queue?: string; readonly tenant?: string } = {},
): TestMessage {
  const { queue = 'jobs', tenant, ...rest } = death
  const job = { id, name: 'act', queue, priority: 'normal', enqueuedAt: 1_000, dueAt: 1_000 } as const
  const { body } = toDeadMessage({
    ...{ reason: 'exhausted', attempts: 5, diedAt: 2_000, redrives: 0, error: new TypeError('it failed') },
    body: encodeEnvelope({ ...job, text: JSON.stringify(`data of ${id}`) }),
    ...rest,
    job: { ...job, crashes: 1, ...(tenant !== undefined && { tenant }) },
  })
  return toMessage(body, { id: `m:${id}` })
}

/** Delivers many letters, in batches of 100. */
export async function dispatchAll({ dispatch }: Workerd, letters: readonly TestMessage[]): Promise<void> {
  for (let at = 0; at < letters.length; at += 100) await dispatch('dead', letters.slice(at, at + 100))
}

/** The letters of all pages. */
export async function listAll(
  { ask }: Workerd,
  options: { readonly queue?: string; readonly limit?: number } = {},
): Promise<DeadLetter[]> {
  const all: DeadLetter[] = []
  for (let cursor: string | undefined; ; ) {
    const page: Page = await ask('/list', { ...options, ...(cursor !== undefined && { cursor }) })
    all.push(...page.items)
    cursor = page.cursor
    if (cursor === undefined) return all
  }
}

/** The only letter there is to be, once it says what it should. */
export async function letterWith(workerd: Workerd, isIt: (letter: DeadLetter) => boolean): Promise<DeadLetter> {
  for (;;) {
    const found = (await listAll(workerd)).find(isIt)
    if (found) return found
  }
}

export const idsOf = (letters: readonly { readonly id: string }[]): string[] => letters.map(({ id }) => id)
