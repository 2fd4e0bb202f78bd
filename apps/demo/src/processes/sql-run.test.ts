import { Client } from 'pg'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { createDatabase } from '../../test/database.ts'
import { DemoOptionError, DemoRunError } from '../errors.ts'
import { QUEUES } from '../queues.ts'
import { createTrace, toJobSpec } from '../trace.ts'
import { type Engine, openEngine } from './engine.ts'
import { toPostgres } from './place.ts'
import { ENDLESS, type Run, type WantedRun } from './run.ts'

const server = await createDatabase()
const client = new Client(server.url)
await client.connect()
afterAll(async () => {
  await client.end()
  await server[Symbol.asyncDispose]()
})

const trace = createTrace({ jobs: 20 })
const specs = Array.from({ length: 20 }, (_, index) => toJobSpec(trace.at(index)))

let engine: Engine
const open = async (wanted: Partial<WantedRun> = {}): Promise<Run> => engine.openRun({ fresh: false, ...wanted })
beforeEach(async () => {
  engine = await openEngine(toPostgres(server.url, 'demo'))
})
afterEach(() => engine.close())

/** Hands jobs out as to a worker. */
const receive = (max: number) =>
  engine.broker.receive({
    queues: QUEUES.map((name) => ({ name, max })),
    ...{ max, leaseMs: 60_000, workerId: 'w', waitMs: 0, signal: new AbortController().signal },
  })

test('a run begins with nothing fed, with the trace that is asked for', async () => {
  const run = await open({ fresh: true, jobs: 20, seed: 3 })
  expect(run).toMatchObject({ jobs: 20, seed: 3, starts: 1, from: { fed: 0, open: [], counts: { done: 0, dead: {} } } })
  expect(await run.read?.()).toEqual(run.from)
})

test('what was fed, what has ended and what is open is there at the next start', async () => {
  const run = await open({ fresh: true, jobs: 20 })
  await run.feed(specs.slice(0, 10), 10)
  const deliveries = await receive(5)
  const [done, failed, dead] = deliveries
  if (!done || !failed || !dead) throw new Error('not enough jobs')
  const endedAt = Date.now()
  await engine.broker.settle([
    { delivery: done, endedAt, outcome: { kind: 'ack', result: 1 } },
    {
      delivery: failed,
      endedAt,
      startedAt: endedAt,
      outcome: { kind: 'retry', delayMs: 60_000, error: new Error('e') },
    },
    { delivery: dead, endedAt, outcome: { kind: 'dead', reason: 'invalid', error: new Error('e') } },
  ])

  const { starts, from } = await open()
  expect(starts).toBe(2)
  expect(from).toMatchObject({ fed: 10, counts: { done: 1, retried: 1, dead: { invalid: 1 } } })
  expect(from.crashed).toEqual({ jobs: 0, times: 0 })
  expect(from.open).toHaveLength(8)
  // Two are leased, one is put off.
  expect(from.open.filter(({ waits }) => waits)).toHaveLength(3)
  expect(from.open.find(({ id }) => id === failed.job.id)).toEqual({ id: failed.job.id, attempt: 2, waits: true })
})

test('a wave that fails is not fed', async () => {
  const run = await open({ fresh: true, jobs: 20 })
  const huge = { ...specs[0], text: JSON.stringify('x'.repeat(2_000_000)) } as (typeof specs)[number]
  await expect(run.feed([...specs.slice(1, 3), huge], 3)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
  expect(await run.read?.()).toEqual(run.from)
})

test('a wave whose progress cannot be written is not enqueued', async () => {
  const run = await open({ fresh: true, jobs: 20 })
  await expect(run.feed(specs, Number.NaN)).rejects.toMatchObject({ code: expect.anything() })
  expect(await run.read?.()).toEqual(run.from)
})

test('a run that is complete is followed by a new one, which knows nothing of it', async () => {
  const run = await open({ fresh: true, jobs: 2, seed: 5 })
  await run.feed(specs.slice(0, 2), 2)
  const deliveries = await receive(2)
  await engine.broker.settle(
    deliveries.map((delivery) => ({ delivery, endedAt: Date.now(), outcome: { kind: 'ack' } })),
  )
  expect(await open()).toMatchObject({ jobs: 10_000, seed: 1, starts: 1, from: { fed: 0, counts: { done: 0 } } })
})

test('another trace than that of the run is refused, unless a fresh run is wanted', async () => {
  await open({ fresh: true, jobs: 20, seed: 3 })
  await expect(open({ jobs: 20, seed: 3 })).resolves.toMatchObject({ starts: 2 })
  await expect(open({ jobs: 21 })).rejects.toThrow(DemoOptionError)
  await expect(open({ seed: 4 })).rejects.toThrow(/--seed 4/)
  await expect(open({ fresh: true, seed: 4 })).resolves.toMatchObject({ starts: 1, seed: 4 })
})

test('a run without end and one with an end do not go on with each other', async () => {
  await open({ fresh: true, jobs: ENDLESS })
  await expect(open()).rejects.toThrow(/a platform is served from here/)
  // Finished jobs that are kept no more are none that are missing.
  await client.query('UPDATE isobar_demo_mail.run SET fed = 7')
  await expect(open({ jobs: ENDLESS })).resolves.toMatchObject({ starts: 2, from: { fed: 7 } })
  await open({ fresh: true, jobs: 20 })
  await expect(open({ jobs: ENDLESS })).rejects.toThrow(/there is a run of 20 jobs/)
})

test('a run of another version, or with jobs that are gone, is refused', async () => {
  const run = await open({ fresh: true, jobs: 20 })
  await run.feed(specs.slice(0, 3), 3)
  await client.query(`DELETE FROM isobar_demo.job WHERE id = $1`, [specs[0]?.id])
  await expect(open()).rejects.toThrow(DemoRunError)
  await expect(open()).rejects.toThrow(/knows 2 of the run's 3 jobs/)
  await client.query('UPDATE isobar_demo_mail.run SET version = 0')
  await expect(open()).rejects.toThrow(/another version/)
  await expect(open({ fresh: true })).resolves.toMatchObject({ starts: 1 })
})
