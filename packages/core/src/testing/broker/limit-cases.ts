import { MAX_TRACE } from '../../broker.ts'
import { equal, rejects } from '../assert.ts'
import type { CaseContext, CaseSpec, PartialSpec } from './context.ts'
import { UNSUPPORTED } from './refusals.ts'

/** A limit above which a case does not try to exceed it. */
const TRIED_BYTES = 64_000_000
const TRIED_BATCH = 100_000

/** Checks that a call with good jobs and a bad one fails and adds none. */
async function checkAddsNone(t: CaseContext, bad: PartialSpec, code: string): Promise<void> {
  await rejects(() => t.send({ data: 'good' }, bad, { data: 'good' }), 'send', code)
  await t.receiveNone('jobs of the call that failed')
}

/** What is over a limit is refused, all of it. */
export const limitCases: readonly CaseSpec[] = [
  {
    name: 'data that is too large is refused, and all that came with it',
    async run(t) {
      const { maxBytes } = t.broker.can
      if (maxBytes <= TRIED_BYTES)
        await checkAddsNone(t, { text: `"${'x'.repeat(maxBytes - 1)}"` }, 'PAYLOAD_TOO_LARGE')
    },
  },
  {
    name: 'data is measured in bytes, not in characters',
    async run(t) {
      const { maxBytes } = t.broker.can
      if (maxBytes <= TRIED_BYTES)
        await checkAddsNone(t, { text: `"${'漢'.repeat(Math.floor(maxBytes / 3) + 1)}"` }, 'PAYLOAD_TOO_LARGE')
    },
  },
  {
    name: 'a trace context that is too long is refused, and all that came with it',
    run: (t) => checkAddsNone(t, { trace: 'x'.repeat(MAX_TRACE + 1) }, 'OPTION'),
  },
  {
    name: 'a batch that is too large is refused',
    async run(t) {
      const { maxBatch } = t.broker.can
      if (maxBatch > TRIED_BATCH) return
      await rejects(() => t.send(...Array.from({ length: maxBatch + 1 }, () => ({}))), 'send', UNSUPPORTED)
      await t.receiveNone('jobs of the call that failed')
    },
  },
  {
    name: 'a delay that is too long is refused, and all that came with it',
    needs: ['delay'],
    async run(t) {
      if (Number.isFinite(t.broker.can.maxDelayMs))
        await checkAddsNone(t, { delayMs: t.broker.can.maxDelayMs + 1_000 }, UNSUPPORTED)
    },
  },
  {
    name: 'the longest delay is taken',
    needs: ['delay'],
    async run(t) {
      if (!Number.isFinite(t.broker.can.maxDelayMs)) return
      const id = await t.sendOne({ delayMs: t.broker.can.maxDelayMs })
      await t.receiveNone('a job before its time')
      if (t.broker.can.lookup) equal((await t.status(id)).state, 'queued', 'state')
    },
  },
  {
    name: 'a receive never gives more than a batch',
    async run(t) {
      const { maxBatch } = t.broker.can
      if (maxBatch > TRIED_BATCH) return
      await t.send(...Array.from({ length: maxBatch }, () => ({})))
      await t.sendOne()
      const got = await t.broker.receive(t.want({ max: maxBatch + 1, waitMs: t.ms(1_000) }))
      equal(got.length > 0 && got.length <= maxBatch, true, `deliveries (${got.length}) within a batch of ${maxBatch}`)
    },
  },
]
