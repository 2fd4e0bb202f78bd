import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ShutdownError } from '@isobar/core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openPool, pidOf, toDelivery } from '../../../test/open-pool.ts'
import { isRunning } from '../../../test/processes.ts'
import { isolates } from './pool.ts'

const states = (health: { pool?: { isolates: readonly { state: string }[] } }): string[] =>
  health.pool?.isolates.map(({ state }) => state).sort() ?? []

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-pool-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

describe('lifetime', () => {
  test('jobs: 1 is an isolate of its own for each job, fed from spares', async () => {
    const { pool, run, recycles } = await openPool({ size: 2, jobs: 1 })
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => run({})))
    expect(new Set(outcomes.map(pidOf)).size).toBe(8)
    expect(recycles.length).toBeGreaterThanOrEqual(7)
    expect(new Set(recycles.map(({ cause, jobs }) => `${cause} ${jobs <= 1}`))).toEqual(new Set(['jobs true']))
    expect(pool.health().pool?.recycles).toMatchObject({ crash: 0, limit: 0 })
  })

  test('after so many jobs a successor that has loaded takes over, and only then the old one goes', async () => {
    const { pool, run, until } = await openPool({ jobs: 20, concurrency: 5 })
    await until((health) => states(health).includes('spare'))
    const pids: number[] = []
    let least = 1
    for (let n = 0; n < 120; n++) {
      pids.push(pidOf(await run({})))
      least = Math.min(least, states(pool.health()).filter((state) => state === 'active').length)
    }
    expect(least).toBe(1)
    expect(new Set(pids).size).toBeGreaterThanOrEqual(2)
    expect(pool.health().pool?.recycles.jobs).toBeGreaterThanOrEqual(1)
    await until((health) => states(health).join() === 'active,spare')
    for (const pid of new Set(pids)) {
      const serves = pool.health().pool?.isolates.some((isolate) => isolate.pid === pid)
      expect(isRunning(pid)).toBe(serves)
    }
  })

  test('by age', async () => {
    const { until, recycles } = await openPool({ age: '300ms' })
    // Spares grow old, too.
    await until(() => recycles.some(({ slot }) => slot === 0))
    expect(recycles.find(({ slot }) => slot === 0)).toMatchObject({ cause: 'age', why: { reason: 'age', limit: 300 } })
  })

  test('all of them when asked, one after the other', async () => {
    const { pool, until } = await openPool({ size: 2 })
    await until((health) => states(health).join() === 'active,active,spare')
    const before = pool.health().pool?.isolates.map(({ pid }) => pid)
    pool.recycle()
    await until((health) => health.pool?.recycles.asked === 2 && states(health).join() === 'active,active,spare')
    const slots = pool
      .health()
      .pool?.isolates.filter(({ state }) => state === 'active')
      .map(({ slot }) => slot)
    expect(slots?.sort()).toEqual([0, 1])
    // The spare that was there first took over, too.
    const after = pool.health().pool?.isolates.filter(({ pid }) => before?.includes(pid))
    expect(after?.length).toBeLessThanOrEqual(1)
  })

  test('an isolate whose successor takes over while all waits for it: what waits runs', async () => {
    const { pool, run } = await openPool({ spares: 0, jobs: 3, concurrency: 1 })
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => run({ ms: 5 })))
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(12).fill('ack'))
    expect(pool.health()).toMatchObject({ running: 0 })
  })

  test('jobs that wait while isolates take over from one another run once each', async () => {
    const { pool, run, starts, until } = await openPool({ spares: 3, jobs: 4, concurrency: 2 })
    await until((health) => states(health).join() === 'active,spare,spare,spare')
    const ids = Array.from({ length: 150 }, (_, n) => `waits-${n}`)
    const outcomes = await Promise.all(ids.map((id) => run({ ms: 5 }, { id })))
    expect(outcomes.every(({ kind }) => kind === 'ack')).toBe(true)
    expect([...starts].sort()).toEqual([...ids].sort())
    expect(pool.health().running).toBe(0)
  })

  test('spares that nobody needs any more are let go', async () => {
    const { pool, until } = await openPool()
    pool.resize(3)
    pool.resize(1)
    await until((health) => states(health).join() === 'active,spare')
    pool.resize(2)
    await until((health) => states(health).includes('starting'))
    pool.resize(1)
    await until((health) => states(health).join() === 'active,spare')
  })

  test('a pool that is resized grows from spares and lets the heaviest go', async () => {
    const { pool, until } = await openPool()
    pool.resize(3)
    await until((health) => states(health).join() === 'active,active,active,spare')
    expect(pool.size).toBe(30)
    pool.resize(1)
    await until((health) => states(health).join() === 'active,spare')
    expect(pool.health().pool?.recycles.scale).toBe(2)
  })
})

describe('containment', () => {
  const quiet = (): ReturnType<typeof vi.spyOn> => {
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => spy.mockRestore())
    return spy
  }

  test.each(['exit', 'abort', 'kill', 'heap'] as const)('%s: its jobs are suspects, uncharged', async (crash) => {
    quiet()
    const { run, until } = await openPool({ memory: '200mb', concurrency: 3, execArgv: ['--max-old-space-size=40'] })
    const neighbour = run({ ms: 250 })
    const outcome = await run({ crash, ms: 20 })
    expect(outcome).toMatchObject({ kind: 'release', suspect: true, error: { code: 'ISOLATE_DIED' } })
    expect(await neighbour).toMatchObject({ kind: 'release', suspect: true })
    // Another serves already.
    expect(await run({})).toMatchObject({ kind: 'ack' })
    await until((health) => health.pool?.lastGapMs !== undefined)
  })

  test('a suspect runs alone; a crash while alone is charged, and the third crash of all is its last', async () => {
    quiet()
    const { pool, run } = await openPool({ concurrency: 5 })
    const others = Array.from({ length: 3 }, () => run({ ms: 100 }))
    const suspect = await run({}, { crashes: 1 })
    const pids = (await Promise.all(others)).map(pidOf)
    expect(pids).not.toContain(pidOf(suspect))
    const charged = await run({ crash: 'exit' }, { crashes: 1 })
    expect(charged).toMatchObject({ kind: 'retry', crashed: true, delayMs: 10, error: { code: 'ISOLATE_DIED' } })
    const dead = await run({ crash: 'exit' }, { crashes: 2, attempt: 2 })
    expect(dead).toMatchObject({ kind: 'dead', reason: 'crashed', error: { code: 'JOB_CRASHED' } })
    const lastAttempt = await run({ crash: 'exit' }, { crashes: 1, attempt: 3 })
    expect(lastAttempt).toMatchObject({ kind: 'dead', reason: 'crashed' })
    expect(pool.health().pool?.recycles.crash).toBe(3)
  })

  test('an endless loop is killed after its timeout and its grace; alone, that is a timeout', async () => {
    quiet()
    const { run, recycles } = await openPool()
    expect(await run({ crash: 'loop' })).toMatchObject({ kind: 'release', suspect: true })
    const alone = await run({ crash: 'loop' }, { crashes: 1 })
    expect(alone).toMatchObject({ kind: 'retry', crashed: true, error: { code: 'JOB_TIMEOUT', abandoned: true } })
    expect(recycles.filter(({ cause }) => cause === 'hang')).toHaveLength(2)
  })

  test('an exception that nobody caught is its own job’s: the jobs beside it are no suspects', async () => {
    quiet()
    const { run } = await openPool({ concurrency: 3 })
    const neighbour = run({ ms: 280 })
    expect(await run({ crash: 'uncaught' })).toMatchObject({
      kind: 'release',
      suspect: true,
      error: { code: 'ISOLATE_DIED', cause: { message: 'nobody catches this' } },
    })
    const outcome = await neighbour
    expect(outcome).toMatchObject({ kind: 'release' })
    expect(outcome).not.toHaveProperty('suspect')
  })

  test('an exception that a job has left behind makes no suspects', async () => {
    quiet()
    const { run } = await openPool({ concurrency: 3 })
    const neighbour = run({ ms: 280 })
    expect(await run({ crash: 'late uncaught' })).toMatchObject({ kind: 'ack' })
    const outcome = await neighbour
    expect(outcome).toMatchObject({ kind: 'release' })
    expect(outcome).not.toHaveProperty('suspect')
  })

  test('an isolate that does not start what it has, as a job has left a loop behind, is killed; its jobs run', async () => {
    quiet()
    const { run, recycles } = await openPool()
    const first = pidOf(await run({ crash: 'late loop' }))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const second = await run({})
    expect(second.kind).toBe('ack')
    expect(pidOf(second)).not.toBe(first)
    expect(recycles).toMatchObject([{ cause: 'hang' }])
  })

  test('one that dies while it has nothing to do is told, and replaced', async () => {
    quiet()
    const { run, recycles, until } = await openPool()
    const pid = pidOf(await run({}))
    process.kill(pid, 'SIGKILL')
    await until((health) => health.pool?.recycles.crash === 1 && states(health).join() === 'active,spare')
    expect(recycles).toMatchObject([{ cause: 'crash', pid, slot: 0 }])
  })

  test('a suspect is not kept waiting by jobs that use up every spare', async () => {
    const { pool, run } = await openPool({ jobs: 1, spares: 1 })
    let isOver = false
    const load = (async () => {
      while (!isOver) await Promise.all(Array.from({ length: pool.free() + 1 }, () => run({ ms: 10 })))
    })()
    expect((await run({}, { crashes: 1 })).kind).toBe('ack')
    isOver = true
    await load
  })

  test('a rejection that nobody handled ends nothing', async () => {
    const { run, recycles } = await openPool()
    expect(await run({ crash: 'reject' })).toMatchObject({ kind: 'ack' })
    expect(recycles).toEqual([])
  })

  test('jobs that had not started are given to another isolate, and know nothing of it', async () => {
    quiet()
    const { pool, run } = await openPool({ concurrency: 1 })
    // Short jobs first, so that some are sent ahead.
    for (let n = 0; n < 20; n++) await run({})
    expect(pool.free()).toBeGreaterThan(1)
    const first = run({ crash: 'exit', ms: 50 })
    const others = Array.from({ length: pool.free() }, () => run({}))
    expect(await first).toMatchObject({ kind: 'release', suspect: true })
    for (const outcome of await Promise.all(others)) expect(outcome.kind).toBe('ack')
  })

  test('a handler that was given up and goes on costs its isolate, not its slot', async () => {
    quiet()
    const { run, until, recycles } = await openPool()
    expect(await run({ deafMs: 60_000 })).toMatchObject({ kind: 'retry', error: { code: 'JOB_TIMEOUT' } })
    await until((health) => states(health).join() === 'active,spare')
    expect(recycles).toMatchObject([{ cause: 'abandoned' }])
  })
})

test('a job that is aborted before it has started is handed back, and not given to another', async () => {
  const { pool, run } = await openPool({ concurrency: 1 })
  for (let n = 0; n < 20; n++) await run({})
  const first = run({ ms: 200 })
  const second = pool.start(toDelivery({}))
  second.abort(new ShutdownError({ id: 'x', name: 'act' }))
  expect(await second.outcome).toMatchObject({ kind: 'release', error: { code: 'SHUTDOWN' } })
  expect(second.startedAt).toBeUndefined()
  expect((await first).kind).toBe('ack')
})

describe('what fails to load', () => {
  test('at first: the error is that of the module', async () => {
    const folder = scratch()
    writeFileSync(join(folder, 'app.mjs'), 'throw new TypeError("no good")')
    await expect(isolates(join(folder, 'app.mjs'), { size: 1 })).rejects.toMatchObject({
      name: 'TypeError',
      message: 'no good',
    })
    writeFileSync(join(folder, 'none.mjs'), 'export default 7')
    await expect(isolates(join(folder, 'none.mjs'), { size: 1 })).rejects.toThrow('exports no app')
    await expect(isolates(join(folder, 'missing.mjs'), { size: 1 })).rejects.toMatchObject({
      code: 'ERR_MODULE_NOT_FOUND',
    })
  })

  /** A file that breaks the app for whoever loads it while it is there. */
  const breaker = (): { readonly file: string; readonly spy: ReturnType<typeof vi.spyOn> } => {
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {})
    const file = join(scratch(), 'broken')
    vi.stubEnv('POOL_APP_BROKEN', file)
    onTestFinished(() => {
      spy.mockRestore()
      vi.unstubAllEnvs()
    })
    return { file, spy }
  }

  test('later: those that serve go on, loudly, until it can be loaded again', async () => {
    const { file, spy } = breaker()
    const { pool, run, until } = await openPool({ spares: 0 })
    const first = pidOf(await run({}))
    writeFileSync(file, '')
    pool.recycle()
    await until((health) => (health.pool?.failedStarts ?? 0) >= 2)
    expect(pidOf(await run({}))).toBe(first)
    expect(spy.mock.calls.flat().join(' ')).toContain('could not be started')
    rmSync(file)
    await until((health) => health.pool?.recycles.asked === 1)
    expect(pidOf(await run({}))).not.toBe(first)
  })

  test('later, while one is nearly full: it does not wait for ever for a successor that does not come', async () => {
    const { file } = breaker()
    const { pool, run } = await openPool({ spares: 0, memory: '256mb', jobs: Number.POSITIVE_INFINITY })
    const first = pidOf(await run({}))
    writeFileSync(file, '')
    const full = 0.9 * pool.settings.memory
    const rss = (): number => pool.health().pool?.isolates.find(({ pid }) => pid === first)?.memory?.rss ?? 0
    while (rss() < full) expect(pidOf(await run({ keep: 2_000_000, ms: 10 }))).toBe(first)
    expect(pidOf(await run({}))).toBe(first)
    expect(pool.health().pool?.failedStarts).toBeGreaterThan(0)
  })
})

test('a process that cannot even be started is an error, and not the end of the supervisor', async () => {
  const flags = ['--title=\0']
  await expect(openPool({ execArgv: flags })).rejects.toMatchObject({
    code: 'ISOLATE_DIED',
    cause: { code: 'ERR_INVALID_ARG_VALUE' },
  })
})

describe('what comes back', () => {
  test('log lines, typed and with their jobs, where somebody listens', async () => {
    const { run, logs } = await openPool()
    const pid = pidOf(await run({ log: 'said' }, { id: 'the one', tenant: 'acme' }))
    expect(logs).toMatchObject([
      { level: 'info', message: 'said', fields: { pid }, job: { id: 'the one', tenant: 'acme', name: 'act' } },
    ])
  })

  test('a dead letter reaches a hook in an isolate', async () => {
    const heard = join(scratch(), 'heard')
    vi.stubEnv('POOL_APP_HEARD', heard)
    onTestFinished(() => void vi.unstubAllEnvs())
    const { pool, run } = await openPool()
    const { job } = toDelivery({}, { id: 'gone' })
    pool.emit('dead', { job, error: new Error('of this'), reason: 'exhausted' })
    await run({})
    expect(readFileSync(heard, 'utf8')).toBe('gone of this\n')
  })
})

test('disposed, it leaves no process behind', async () => {
  const { pool, until } = await openPool({ size: 2 })
  await until((health) => states(health).join() === 'active,active,spare')
  const pids = pool.health().pool?.isolates.map(({ pid }) => pid ?? 0) ?? []
  await pool[Symbol.asyncDispose]()
  expect(pids.map(isRunning)).toEqual([false, false, false])
})
