import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { codeOf, toDelivery } from '../test/delivery.ts'
import { createApp } from './app.ts'
import type { JobSpec, StoredJob } from './broker.ts'
import type { FollowUpOptions, JobContext } from './context.ts'
import { MAX_FOLLOW_UPS } from './follow-ups.ts'
import { defineJob } from './job.ts'

const job = defineJob({ name: 'job' })
const next = defineJob({ name: 'next', data: z.object({ n: z.number() }), queue: 'later', priority: 'low' })
const slow = defineJob({
  name: 'slow',
  data: v.objectAsync({
    n: v.pipeAsync(
      v.number(),
      v.checkAsync(async (n) => n > 0, 'too small'),
    ),
  }),
})

function run(handler: (ctx: JobContext<null>) => unknown) {
  const sent: JobSpec[] = []
  const sender = {
    async send(specs: readonly JobSpec[]) {
      sent.push(...specs)
      return specs.map((_, at) => ({ id: `sent-${at}`, duplicate: false }))
    },
  }
  return createApp()
    .on(job, handler)
    .run(toDelivery('job'), { sender })
    .then((outcome) => ({ outcome, sent }))
}

const spec = (n: number): object => ({
  name: 'next',
  queue: 'later',
  priority: 'low',
  text: JSON.stringify({ n }),
  delayMs: 0,
})

describe('follow-up jobs', () => {
  test('go out with the ack, in the order of the calls, awaited or not', async () => {
    const { outcome, sent } = await run(async (ctx) => {
      void ctx.enqueue(slow, { n: 1 })
      expect(await ctx.enqueue(next, { n: 2 })).toBeUndefined()
      void ctx.enqueue(
        next,
        { n: 3 },
        {
          delay: '1m',
          key: 'k',
          queue: 'other',
          priority: 'high',
          tenant: 'acme',
          id: 'mine',
          dedupe: { window: '1h' },
        },
      )
      return 'done'
    })
    expect(outcome).toEqual({
      kind: 'ack',
      result: 'done',
      enqueue: [
        { name: 'slow', queue: 'default', priority: 'normal', text: '{"n":1}', delayMs: 0 },
        spec(2),
        {
          ...spec(3),
          queue: 'other',
          priority: 'high',
          delayMs: 60_000,
          key: 'k',
          dedupe: { mode: 'window', windowMs: 3_600_000 },
          tenant: 'acme',
          id: 'mine',
        },
      ],
    })
    expect(sent).toEqual([])
  })

  test('are dropped when the job fails', async () => {
    const { outcome, sent } = await run(async (ctx) => {
      await ctx.enqueue(next, { n: 1 })
      throw new Error('no')
    })
    expect(outcome).toMatchObject({ kind: 'retry', error: new Error('no') })
    expect(outcome).not.toHaveProperty('enqueue')
    expect(sent).toEqual([])
  })

  test.each<[string, (ctx: JobContext<null>) => unknown]>([
    ['awaited', (ctx) => ctx.enqueue(next, { n: 'one' } as never)],
    ['not awaited', (ctx) => void ctx.enqueue(next, { n: 'one' } as never)],
    ['checked asynchronously', (ctx) => void ctx.enqueue(slow, { n: 0 })],
  ])('fail the job when one is refused: %s', async (_, handler) => {
    const { outcome } = await run(handler)
    expect(outcome.kind).toBe('retry')
    expect(codeOf(outcome)).toBe('INVALID_DATA')
  })

  test('that a handler expects to be refused, and catches, fail it all the same: none is lost in silence', async () => {
    const { outcome } = await run((ctx) => ctx.enqueue(next, { n: 'one' } as never).catch(() => 'caught'))
    expect(outcome).toMatchObject({ kind: 'retry', error: { code: 'INVALID_DATA' } })
  })

  test(`are at most ${MAX_FOLLOW_UPS}`, async () => {
    const enqueue = (count: number) => (ctx: JobContext<null>) => {
      for (let n = 0; n < count; n++) void ctx.enqueue(next, { n })
    }
    const { outcome: most } = await run(enqueue(MAX_FOLLOW_UPS))
    expect(most.kind === 'ack' && most.enqueue?.map(({ text }) => text)).toEqual(
      Array.from({ length: MAX_FOLLOW_UPS }, (_, n) => `{"n":${n}}`),
    )
    const { outcome: tooMany } = await run(enqueue(MAX_FOLLOW_UPS + 10))
    expect(tooMany).toMatchObject({
      kind: 'retry',
      error: { code: 'OPTION', message: expect.stringContaining('{ now: true }') },
    })
  })

  test('are refused once the handler has returned, when they could only be lost', async () => {
    const codes: unknown[] = []
    const { outcome } = await run(async (ctx) => {
      await ctx.enqueue(next, { n: 1 })
      ctx.scope.defer(() => ctx.enqueue(next, { n: 2 }).catch((error: { code?: unknown }) => codes.push(error.code)))
    })
    expect(outcome).toEqual({ kind: 'ack', enqueue: [spec(1)] })
    expect(codes).toEqual(['JOB_SETTLED'])
  })
})

describe('{ now: true }', () => {
  test('sends at once, whatever becomes of the job, and answers with the id', async () => {
    const { outcome, sent } = await run(async (ctx) => {
      const enqueued = await ctx.enqueue(next, { n: 1 }, { now: true, delay: '5s' })
      expect(enqueued).toEqual({ id: 'sent-0', duplicate: false })
      throw new Error('no')
    })
    expect(outcome).toMatchObject({ kind: 'retry', error: new Error('no') })
    expect(sent).toEqual([{ ...spec(1), delayMs: 5_000 }])
  })

  test('is checked too', async () => {
    const { outcome, sent } = await run((ctx) => ctx.enqueue(next, {} as never, { now: true }))
    expect(codeOf(outcome)).toBe('INVALID_DATA')
    expect(sent).toEqual([])
  })

  test('fails where the run has nowhere to send to', async () => {
    const outcome = await createApp()
      .on(job, (ctx) => ctx.enqueue(next, { n: 1 }, { now: true }))
      .run(toDelivery('job'))
    expect(codeOf(outcome)).toBe('UNSUPPORTED')
  })
})

describe('the trace context of follow-up jobs', () => {
  const tracesOf = async (
    delivered: Partial<StoredJob>,
    handler: (ctx: JobContext) => unknown,
    options: FollowUpOptions = {},
  ): Promise<unknown> => {
    const app = createApp().on(job, async (ctx) => {
      handler(ctx)
      await ctx.enqueue(next, { n: 1 }, options)
    })
    const outcome = await app.run(toDelivery('job', null, delivered))
    return outcome.kind === 'ack' && outcome.enqueue?.map((spec) => spec.trace)
  }

  test('is that of their job, unless middleware gave it another or the call says so', async () => {
    expect(await tracesOf({}, () => {})).toEqual([undefined])
    expect(await tracesOf({ trace: 'a' }, () => {})).toEqual(['a'])
    const replace = ({ job }: JobContext) => {
      job.trace = 'b'
    }
    expect(await tracesOf({ trace: 'a' }, replace)).toEqual(['b'])
    expect(await tracesOf({ trace: 'a' }, replace, { trace: 'c' })).toEqual(['c'])
  })
})
