import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../test/database.ts'
import { type CliRun, runCli, runCliHere, startCliWorker } from '../../test/run-cli.ts'

const APP = fileURLToPath(new URL('../../test/fixtures/cli-app.ts', import.meta.url))

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
  await run('migrate')
  return () => database[Symbol.asyncDispose]()
})

const run = (...args: string[]): Promise<CliRun> => runCliHere(args, { env: { DATABASE_URL: database.url } })

async function toJson(...args: string[]): Promise<unknown> {
  const { code, out, err } = await run(...args, '--json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out)
}

/** Looks until a job is in a state. */
async function reached(id: string, state: string): Promise<unknown> {
  for (;;) {
    const status = (await toJson('jobs', 'show', id)) as { state: string }
    if (status.state === state) return status
  }
}

test('a database without tables is left alone until somebody says migrate', async () => {
  const schema = ['--schema', 'other']
  for (const args of [['stats'], ['enqueue', 'work'], ['dead', 'list']]) {
    expect(await run(...args, ...schema)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^isobar: SCHEMA_VERSION: .*isobar migrate.*\n$/),
    })
  }
  const { code, out } = await runCli(['migrate', '--database', database.url, ...schema])
  expect([code, out]).toEqual([0, expect.stringMatching(/^tables brought from version 0 to \d+\n$/)])
  expect((await run('migrate', ...schema)).out).toMatch(/^the tables are up to date, at version \d+\n$/)
  expect((await run('stats', ...schema)).out).toBe('no queue holds a job or is paused\n')
  expect(await run('stats', '--schema', 'no; drop')).toMatchObject({ code: 2 })
})

test('a database that is not there is told in one line, without its password', async () => {
  const url = 'postgres://ann:secret@127.0.0.1:1/none'
  const { code, out, err } = await runCli(['stats', '--database', url])
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/^isobar: DATABASE_UNAVAILABLE: .*\n$/)
  expect(err).not.toContain('secret')
})

describe('a worker', () => {
  test('runs the jobs of a module until it is told to stop', { timeout: 120_000 }, async () => {
    const worker = await startCliWorker([APP, '--concurrency', '2', '--retain', '1h', '--lease', '1s'], {
      DATABASE_URL: database.url,
    })
    onTestFinished(async () => void (await worker.end('SIGKILL')))
    expect(worker.said).toMatch(/^isobar: worker \S+ takes jobs of work from broker postgres\n/)
    await run('enqueue', 'work', '--queue', 'work', '--id', 'good', '--data', '{"n":1}')
    expect(await reached('good', 'done')).toMatchObject({ result: { did: { n: 1 } } })

    await run('enqueue', 'work', '--queue', 'work', '--id', 'bad', '--data', '{"fail":"no such user"}')
    expect(await reached('bad', 'dead')).toMatchObject({ reason: 'unrecoverable' })
    expect((await run('dead', 'list')).out).toMatch(
      /^bad +work +work +unrecoverable +\d+ s ago\n {2}1 attempt, \S+: no such user$/m,
    )
    expect(await toJson('dead', 'redrive', '--queue', 'work')).toEqual({ redriven: 1 })
    await reached('bad', 'dead')
    expect(await toJson('dead', 'discard', '--queue', 'work', '--yes')).toEqual({ discarded: 1 })

    await run('enqueue', 'slow', '--queue', 'work', '--id', 'slow')
    expect(await reached('slow', 'running')).toMatchObject({ workerId: expect.stringContaining(`-${worker.pid}-`) })
    expect((await run('jobs', 'cancel', 'slow')).out).toBe('canceled slow; it was running, and its signal aborts\n')
    expect(await worker.end('SIGTERM')).toBe(0)
  })

  test('in isolates does the same, in other processes', async () => {
    const worker = await startCliWorker([APP, '--isolates', '1', '--isolate-memory', '300mb', '--retain', '1h'], {
      DATABASE_URL: database.url,
    })
    onTestFinished(async () => void (await worker.end('SIGKILL')))
    expect(worker.said).toMatch(/takes jobs of work from broker postgres\n/)
    await run('enqueue', 'work', '--queue', 'work', '--id', 'in-isolate', '--data', '{"n":2}')
    expect(await reached('in-isolate', 'done')).toMatchObject({ result: { did: { n: 2 } } })
    expect(await worker.end('SIGTERM')).toBe(0)
  })

  test.each([
    [['nowhere.ts', '--isolates', '1'], 1, 'APP_MODULE: .*nowhere.ts could not be loaded'],
    [[APP, '--isolates', 'some'], 2, '--isolates some is not a whole number'],
    [[APP, '--isolate-jobs', '5'], 2, 'say how many'],
    [[APP, '--isolates', '1', '--isolate-memory', 'much'], 2, '"much" is not a size'],
    [['nowhere.ts'], 1, 'APP_MODULE: .*nowhere.ts could not be loaded'],
    [[fileURLToPath(new URL('./exit.ts', import.meta.url))], 1, 'APP_MODULE: .*exports no app'],
    [[APP, '--concurrency', 'many'], 2, '--concurrency many is not a whole number'],
    [[APP, '--queues', 'a,,b'], 2, 'has an empty name'],
    [[APP, '--grace', 'long'], 2, '"long" is not a duration'],
    [[APP, '--lease', '0s'], 2, 'lease'],
    [[APP, '--retain', 'ever'], 2, '"ever" is not a duration'],
  ])('%j ends with %j', async (args, code, message) => {
    const ended = await run('worker', ...args)
    expect(ended).toMatchObject({ code, out: '', err: expect.stringMatching(message) })
    expect(ended.err.trimEnd().split('\n')).toHaveLength(1)
  })

  test('that cannot reach its database from the start ends', async () => {
    const ended = await runCli(['worker', APP, '--database', 'postgres://ann:secret@127.0.0.1:1/none'])
    expect(ended).toMatchObject({ code: 1, out: '', err: expect.stringContaining('DATABASE_UNAVAILABLE') })
  })
})
