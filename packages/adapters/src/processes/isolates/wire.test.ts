import type { Outcome, StoredJob } from '@isobar/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Frame, FrameReader, toFrame } from './frames.ts'
import { fromHookEvent, toHookEvent } from './hook-wire.ts'
import { fromJobFrame, toJobFrame } from './job-frame.ts'
import { fromJournal, type Line, LineReader, MAX_LINE, parseLine, SAY, toBatch, toEndOf, toLine } from './lines.ts'
import { Transcript } from './transcript.ts'
import { fromWireOutcome, toWireOutcome } from './wire-outcome.ts'

/** A text cut anywhere. */
function cut(text: string, at: readonly number[]): string[] {
  const places = [0, ...at.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length]
  return places.slice(1).map((end, n) => text.slice(places[n], end))
}

const anyText = fc.string({ unit: 'grapheme' })
const cuts = fc.array(fc.nat())

test('frames come out as they went in, wherever the stream is cut', () => {
  const frame = fc.record({
    kind: fc.constantFrom('job' as const, 'abort' as const, 'hook' as const),
    n: fc.nat(),
    head: fc.json(),
    body: fc.oneof(anyText, fc.constant('a\nb\tc\n'), fc.json()),
  })
  fc.assert(
    fc.property(fc.array(frame), cuts, (sent, at) => {
      const reader = new FrameReader()
      const text = sent.map(({ kind, n, head, body }) => toFrame(kind, n, head, body)).join('')
      const heard: Frame[] = cut(text, at).flatMap((piece) => reader.read(piece))
      expect(heard).toEqual(sent)
    }),
  )
})

const line = fc.record({ kind: fc.constantFrom(...Object.values(SAY)), n: fc.nat(), rest: fc.json() })
const textOf = (lines: readonly Line[]): string => lines.map(({ kind, n, rest }) => toLine(kind, n, rest)).join('')

test('lines come out as they went in, wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(line), cuts, (said, at) => {
      const reader = new LineReader()
      const heard: Line[] = []
      for (const piece of cut(textOf(said), at)) reader.read(piece, (one) => heard.push(parseLine(one)))
      expect(heard).toEqual(said)
    }),
  )
})

test('a line that does not end is an error, and not the end of the memory', () => {
  const reader = new LineReader()
  const piece = 'x'.repeat(MAX_LINE / 2)
  reader.read(piece, () => {})
  reader.read(piece, () => {})
  expect(() => reader.read('x', () => {})).toThrow(RangeError)
})

/** Overwrites a journal from the start, as an isolate does with each batch. */
const overwrite = (journal: string, text: string): string => text + journal.slice(text.length)

test('whatever a process that dies had sent, each line it had said is heard once, in order', () => {
  const batches = fc.array(fc.array(line, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 })
  const looks = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 })
  fc.assert(
    fc.property(batches, cuts, looks, fc.nat(), (said, at, peeks, died) => {
      const heard: Line[] = []
      const transcript = new Transcript((one) => heard.push(one))
      let journal = ''
      let look = 0
      const peek = (): void => {
        if (peeks[look++ % peeks.length]) transcript.readJournal(journal)
      }
      const last = said.length - 1
      for (const [n, lines] of said.entries()) {
        // Line by line into the journal, then all of it into the pipe; the last batch only in part.
        for (const at of lines.keys()) {
          journal = overwrite(journal, toBatch(n + 1, textOf(lines.slice(0, at + 1))) + toEndOf(n + 1))
          peek()
        }
        const batch = toBatch(n + 1, textOf(lines))
        const sent = n < last ? batch : batch.slice(0, died % (batch.length + 1))
        for (const piece of cut(sent, at)) transcript.readPipe(piece)
      }
      transcript.readJournal(journal)
      expect(heard).toEqual(said.flat())
    }),
    { numRuns: 500 },
  )
})

test('a journal whose batch comes after one that is still in the pipe says nothing yet', () => {
  const heard: string[] = []
  const transcript = new Transcript(({ rest }) => heard.push(rest))
  transcript.readJournal(toBatch(2, toLine('s', 2, 'two')) + toEndOf(2))
  transcript.readPipe(toBatch(1, toLine('s', 1, 'one')))
  transcript.readPipe(toBatch(2, toLine('s', 2, 'two')))
  expect(heard).toEqual(['one', 'two'])
})

test('of a journal that is being written nothing is read, and what older batches have left is not taken for new', () => {
  expect(fromJournal('')).toEqual({ batch: 0, lines: [] })
  expect(fromJournal('#12 \ns1 a\ns2 b\n=12\n')).toEqual({ batch: 12, lines: ['s1 a', 's2 b'] })
  expect(fromJournal('#12 \ns1 a\n=12\n2:s8 d\n=11\n')).toEqual({ batch: 12, lines: ['s1 a'] })
  expect(fromJournal('#12 \ns1 a\ns2 b')).toEqual({ batch: 0, lines: [] })
  expect(fromJournal('#12 \ns1 a\ns2 bs7 c\n=11\n')).toEqual({ batch: 0, lines: [] })
})

describe('jobs', () => {
  const job = fc.record(
    {
      id: anyText,
      name: anyText,
      queue: anyText,
      priority: fc.constantFrom('high' as const, 'normal' as const, 'low' as const),
      attempt: fc.nat(),
      crashes: fc.nat(),
      enqueuedAt: fc.nat(),
      dueAt: fc.nat(),
      tenant: anyText,
      trace: anyText,
      payload: fc.oneof(
        fc.record({ text: anyText }),
        fc.record({ value: fc.jsonValue() }),
        fc.record({ bytes: fc.uint8Array(), problem: anyText, oversized: fc.constant(true) }),
        fc.record({ bytes: fc.uint8Array(), problem: anyText }),
      ),
    },
    { requiredKeys: ['id', 'name', 'queue', 'priority', 'attempt', 'crashes', 'enqueuedAt', 'dueAt', 'payload'] },
  )

  test('arrive as they were sent', () => {
    fc.assert(
      fc.property(job, (sent: StoredJob) => {
        const [frame] = new FrameReader().read(toJobFrame(7, sent))
        // JSON knows no -0.
        const expected = JSON.parse(JSON.stringify(sent.payload))
        const arrived = frame && fromJobFrame(frame).job
        expect(arrived).toEqual('value' in sent.payload ? { ...sent, payload: expected } : sent)
      }),
    )
  })
})

describe('outcomes', () => {
  const there = (outcome: Outcome) => fromWireOutcome(toWireOutcome(outcome, 1.5))

  test('arrive with the time they took', () => {
    const spec = { name: 'n', queue: 'q', priority: 'low' as const, text: '{"a":"\\n"}', delayMs: 0 }
    expect(there({ kind: 'ack', result: { a: [1, null] }, enqueue: [spec] })).toEqual({
      ms: 1.5,
      outcome: { kind: 'ack', result: { a: [1, null] }, enqueue: [spec] },
    })
    expect(there({ kind: 'release', delayMs: 3, suspect: true }).outcome).toEqual({
      kind: 'release',
      delayMs: 3,
      suspect: true,
    })
  })

  test('errors come with name, message, code, stack and causes', () => {
    const cause = Object.assign(new RangeError('inner'), { code: 'E_INNER' })
    const error = Object.assign(new TypeError('outer', { cause }), { code: 'E_OUTER' })
    const { outcome } = there({ kind: 'retry', delayMs: 1, error })
    const revived = outcome.kind === 'retry' ? (outcome.error as typeof error) : undefined
    expect(revived).toBeInstanceOf(Error)
    expect(revived).toMatchObject({
      name: 'TypeError',
      message: 'outer',
      code: 'E_OUTER',
      stack: error.stack,
      cause: { name: 'RangeError', message: 'inner', code: 'E_INNER' },
    })
  })

  test('a result that is not JSON, or too much of it, is left out; the ack is not', () => {
    const circle: unknown[] = []
    circle.push(circle)
    for (const result of [circle, 1n, () => 1, Symbol('s'), 'x'.repeat(1_000_001)])
      expect(there({ kind: 'ack', result }).outcome).toEqual({ kind: 'ack' })
  })
})

test('events of hooks arrive, with their jobs and errors', () => {
  const job: StoredJob = {
    id: '1',
    name: 'n',
    queue: 'q',
    priority: 'normal',
    attempt: 2,
    crashes: 0,
    enqueuedAt: 1,
    dueAt: 2,
    payload: { text: '{"a":1}' },
  }
  const dead = fromHookEvent(toHookEvent('dead', { job, reason: 'exhausted', error: new TypeError('t') }))
  expect(dead).toMatchObject({
    name: 'dead',
    event: { job, reason: 'exhausted', error: { name: 'TypeError', message: 't' } },
  })
  const fields = { big: 1n, circle: {} as Record<string, unknown> }
  fields.circle['self'] = fields.circle
  const log = fromHookEvent(toHookEvent('log', { job, level: 'info', message: 'm', fields, at: 1 }))
  expect(log).toMatchObject({ name: 'log', event: { job } })
})
