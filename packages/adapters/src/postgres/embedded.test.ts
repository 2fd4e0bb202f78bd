import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Delivery, JobSpec, Want } from '@isobar/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { embedded } from './embedded.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-embedded-'))
})
afterAll(() => rm(folder, { recursive: true }))

const spec = (over: Partial<JobSpec> = {}): JobSpec => ({
  name: 'work',
  queue: 'default',
  priority: 'normal',
  delayMs: 0,
  text: '{}',
  ...over,
})

const want = (over: Partial<Want> = {}): Want => ({
  queues: [{ name: 'default', max: 10 }],
  max: 10,
  leaseMs: 30_000,
  workerId: 'w',
  waitMs: 0,
  signal: new AbortController().signal,
  ...over,
})

describe('a folder', () => {
  it('keeps its jobs when it is closed and opened again', async () => {
    const place = join(folder, 'again')
    const first = embedded(place)
    const [sent] = await first.send([spec({ text: '{"n":1}' })])
    await first[Symbol.asyncDispose]()
    await using second = embedded(place)
    const [delivery] = await second.receive(want())
    expect(delivery?.job).toMatchObject({ id: sent?.id, payload: { text: '{"n":1}' } })
  })

  it('is one process’s: another, and a second opening in the same, are told who has it', async () => {
    const place = join(folder, 'locked')
    await using first = embedded(place)
    await first.ready()
    await using second = embedded(place)
    await expect(second.ready()).rejects.toMatchObject({
      code: 'FOLDER_LOCKED',
      message: expect.stringContaining(String(process.pid)),
    })
    await expect(second.send([spec()])).rejects.toMatchObject({ code: 'FOLDER_LOCKED' })
    await first[Symbol.asyncDispose]()
    expect(await second.send([spec()])).toHaveLength(1)
  })

  it('loses nothing that was confirmed when its process is killed, and is free at once', async () => {
    const place = join(folder, 'killed')
    for (let round = 1; round <= 3; round++) {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, '../../test/fixtures/embedded-sender.ts'), place],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      const exited = once(child, 'exit')
      let told = ''
      for await (const chunk of child.stdout) {
        told += chunk
        if (told.split('\n').length > 6) break
      }
      child.kill('SIGKILL')
      await exited
      const confirmed = told.split('\n').slice(0, -1)
      await using broker = embedded(place)
      for (const id of confirmed) expect(await broker.get(id), `round ${round}`).toMatchObject({ state: 'queued' })
    }
  }, 60_000)

  it('hands out again at once what ran when its process ended, with a crash counted and no attempt', async () => {
    const place = join(folder, 'orphaned')
    const first = embedded(place)
    await first.send([spec()])
    const [before] = await first.receive(want({ leaseMs: 3_600_000 }))
    await first[Symbol.asyncDispose]()
    await using second = embedded(place)
    const [after] = await second.receive(want())
    expect(after?.job).toMatchObject({ id: before?.job.id, attempt: 1, crashes: 1 })
    expect(await second.settle([{ delivery: before as Delivery, outcome: { kind: 'ack' }, endedAt: 0 }])).toMatchObject(
      [{ reason: 'lease' }],
    )
  })

  it('is left free when the engine in it cannot be opened', async () => {
    const place = join(folder, 'broken')
    await using broken = embedded(place, { schema: 'jobs', migrate: false })
    await expect(broken.ready()).rejects.toMatchObject({ code: 'SCHEMA_VERSION' })
    await broken[Symbol.asyncDispose]()
    await using good = embedded(place, { schema: 'jobs' })
    await good.ready()
  })
})

describe('a transaction', () => {
  it('enqueues with the user’s own rows, or not at all, and wakes who waits', async () => {
    await using broker = embedded('memory://')
    await broker.transaction((tx) => tx.exec('CREATE TABLE orders (id integer)'))
    const failed = broker.transaction(async (tx) => {
      await tx.query('INSERT INTO orders VALUES ($1)', [1])
      await broker.send([spec()], { tx })
      throw new Error('no such customer')
    })
    await expect(failed).rejects.toThrow('no such customer')
    expect(await broker.receive(want())).toEqual([])

    const waiting = broker.receive(want({ waitMs: 10_000 }))
    const orders = await broker.transaction(async (tx) => {
      await tx.query('INSERT INTO orders VALUES ($1)', [2])
      await broker.send([spec({ text: '{"order":2}' })], { tx })
      return (await tx.query('SELECT id FROM orders')).rows
    })
    expect(orders).toEqual([{ id: 2 }])
    expect(await waiting).toMatchObject([{ job: { payload: { text: '{"order":2}' } } }])
  })

  it('that holds the engine for too long is rolled back, so that leases are extended again', async () => {
    await using broker = embedded('memory://', { transactionTimeout: 200 })
    await broker.send([spec()])
    const deliveries = await broker.receive(want({ leaseMs: 5_000 }))
    const stuck = broker.transaction(async (tx) => {
      await broker.send([spec()], { tx })
      await new Promise(() => {})
    })
    const extended = broker.extend(deliveries, 5_000)
    await expect(stuck).rejects.toMatchObject({ code: 'TRANSACTION_TOO_LONG' })
    expect(await extended).toEqual([])
    expect(await broker.stats(['default'])).toMatchObject([{ ready: 0, active: 1 }])
  })

  it('of somebody else is refused', async () => {
    await using broker = embedded('memory://')
    await expect(broker.send([spec()], { tx: 'none' })).rejects.toMatchObject({ code: 'OPTION' })
  })
})

it('refuses options that cannot be', () => {
  expect(() => embedded('')).toThrow('needs a folder')
  expect(() => embedded('x', { transactionTimeout: 0 })).toThrow('transactionTimeout')
  expect(() => embedded('x', { schema: 'a"b' })).toThrow('schema')
})
