import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { IsolateOptions, IsolatePool } from '@isobar/adapters/node'
import type { Delivery, HookEvents, Outcome, StoredJob } from '@isobar/core'
import { Hooks } from '@isobar/core/worker'
import type { Act } from './crash-app.ts'

/** One case of the suite, for any test runner. */
export interface IsolateCase {
  readonly name: string
  /** Rejects when the pool breaks its promise. */
  run(): Promise<void>
}

/** Opens a pool of the app in `crash-app.ts`. */
export type OpenPool = (options: IsolateOptions, hooks: Hooks) => Promise<IsolatePool>

/** In what runtimes differ. */
export interface IsolateTraits {
  /** Whether the runtime knows in whose asynchronous context an exception was thrown that nobody caught. */
  readonly attributesErrors: boolean
}

/** What a case works with: a pool, which ends with it. */
class Pool {
  readonly pool: IsolatePool
  readonly recycles: readonly HookEvents['recycle'][]
  readonly traits: IsolateTraits

  constructor(pool: IsolatePool, recycles: readonly HookEvents['recycle'][], traits: IsolateTraits) {
    this.pool = pool
    this.recycles = recycles
    this.traits = traits
  }

  run(act: Act, job?: Partial<StoredJob>): Promise<Outcome> {
    return runAct(this.pool, act, job)
  }

  /** The process that did a job. */
  async pidOf(act: Act, job?: Partial<StoredJob>): Promise<number> {
    return toPid(await this.run(act, job))
  }

  states(): string {
    return (
      this.pool
        .health()
        .pool?.isolates.map(({ state }) => state)
        .sort()
        .join() ?? ''
    )
  }

  /** Resolves when it is so: looked at again and again. */
  async until(isSo: () => boolean | undefined): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

let lastId = 0

/** Runs a job in a pool. */
export function runAct(pool: IsolatePool, act: Act, job: Partial<StoredJob> = {}): Promise<Outcome> {
  const stored: StoredJob = {
    id: `job-${++lastId}`,
    name: 'act',
    queue: 'default',
    priority: 'normal',
    attempt: 1,
    crashes: 0,
    enqueuedAt: 0,
    dueAt: 0,
    payload: { text: JSON.stringify(act) },
    ...job,
  }
  const delivery: Delivery = { job: stored, token: undefined, leaseUntil: 0 }
  return pool.start(delivery).outcome
}

function toPid(outcome: Outcome): number {
  assert.equal(outcome.kind, 'ack', `expected an ack, got ${JSON.stringify(outcome)}`)
  return Number((outcome as { result?: unknown }).result)
}

/** What an outcome says in short: its kind, then the code of its error and of that error's cause. */
function summary(outcome: Outcome): string {
  const { error } = outcome as { error?: { code?: string } }
  const { suspect, crashed, reason } = outcome as { suspect?: boolean; crashed?: boolean; reason?: string }
  return [outcome.kind, suspect && 'suspect', crashed && 'crashed', reason, error?.code].filter(Boolean).join(' ')
}

/** Whether a process runs: not one that has ended and was not waited for. Linux's files say so. */
function isRunning(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !['Z', 'X'].includes(text.slice(text.lastIndexOf(')') + 2).split(' ')[0] ?? '')
  } catch {
    return false
  }
}

interface Case {
  readonly options?: IsolateOptions
  run(p: Pool): Promise<unknown>
}

const MEMORY = 250e6

/** One job after the other leaves something behind, until three isolates had to go. */
async function leak(p: Pool, act: Act): Promise<void> {
  const pids = new Set<number>()
  while (pids.size < 4) pids.add(await p.pidOf(act))
  const causes = new Set(p.recycles.map(({ cause }) => cause))
  assert.deepEqual([...causes], ['memory'], 'replaced for its memory, and for nothing else')
}

function crashes(crash: Act['crash'], options: IsolateOptions = {}): Case {
  return {
    options: { concurrency: 3, ...options },
    async run(p) {
      const neighbour = p.run({ ms: 450 })
      const outcome = await p.run({ crash, ms: 20 })
      assert.equal(summary(outcome), 'release suspect ISOLATE_DIED')
      assert.equal(summary(await neighbour), 'release suspect ISOLATE_DIED', 'the job beside it is a suspect, too')
      await p.pidOf({})
    },
  }
}

const cases: Readonly<Record<string, Case>> = {
  'jobs: 1 is an isolate of its own for each job': {
    options: { size: 2, jobs: 1 },
    async run(p) {
      const pids = await Promise.all(Array.from({ length: 6 }, () => p.pidOf({})))
      assert.equal(new Set(pids).size, 6)
    },
  },
  'after so many jobs a successor that has loaded takes over, and the old one goes': {
    options: { jobs: 10, concurrency: 5 },
    async run(p) {
      const pids = new Set<number>()
      for (let n = 0; pids.size < 3; n++) {
        pids.add(await p.pidOf({}))
        assert.ok(n < 20_000, 'it is replaced in the end')
        assert.ok(p.states().includes('active'), 'one serves at each moment')
      }
      await p.until(() => p.states() === 'active,spare')
      const kept = p.pool.health().pool?.isolates.map(({ pid }) => pid) ?? []
      for (const pid of pids) assert.equal(isRunning(pid), kept.includes(pid))
    },
  },
  'all of them when asked': {
    options: { size: 2 },
    async run(p) {
      await p.until(() => p.states() === 'active,active,spare')
      p.pool.recycle()
      await p.until(() => p.pool.health().pool?.recycles.asked === 2 && p.states() === 'active,active,spare')
    },
  },
  'one that leaks objects is replaced before its memory hurts': {
    options: { memory: MEMORY, jobs: Number.POSITIVE_INFINITY },
    run: (p) => leak(p, { keepObjects: 10_000 }),
  },
  'one that leaks buffers is replaced before its memory hurts': {
    options: { memory: MEMORY, jobs: Number.POSITIVE_INFINITY },
    run: (p) => leak(p, { keepBytes: 2_000_000 }),
  },
  'a job that exits: it and the job beside it are suspects, uncharged': crashes('exit'),
  'a job that aborts its process': crashes('abort'),
  'a job that is killed': crashes('kill'),
  'a job that takes all memory': crashes('heap', { memory: 200e6 }),
  'an endless loop is killed after its timeout and its grace; alone, that is a timeout': {
    async run(p) {
      assert.equal(summary(await p.run({ crash: 'loop' })), 'release suspect ISOLATE_DIED')
      assert.equal(summary(await p.run({ crash: 'loop' }, { crashes: 1 })), 'retry crashed JOB_TIMEOUT')
      assert.equal(p.recycles.filter(({ cause }) => cause === 'hang').length, 2)
    },
  },
  'a suspect runs alone; crashing alone is charged, and the third crash is its last': {
    options: { concurrency: 5 },
    async run(p) {
      const others = Array.from({ length: 3 }, () => p.pidOf({ ms: 100 }))
      const alone = await p.pidOf({}, { crashes: 1 })
      assert.ok(!(await Promise.all(others)).includes(alone), 'it was alone')
      assert.equal(summary(await p.run({ crash: 'exit' }, { crashes: 1 })), 'retry crashed ISOLATE_DIED')
      assert.equal(summary(await p.run({ crash: 'exit' }, { crashes: 2 })), 'dead crashed JOB_CRASHED')
    },
  },
  "an exception that nobody caught is its own job's: the job beside it is no suspect": {
    options: { concurrency: 3 },
    async run(p) {
      const neighbour = p.run({ ms: 450 })
      assert.equal(summary(await p.run({ crash: 'uncaught' })), 'release suspect ISOLATE_DIED')
      // Where it is not known whose it was, it may have been anybody's.
      const { attributesErrors } = p.traits
      assert.equal(summary(await neighbour), attributesErrors ? 'release ISOLATE_DIED' : 'release suspect ISOLATE_DIED')
    },
  },
  'an exception that a job has left behind makes no suspects': {
    options: { concurrency: 3 },
    async run(p) {
      const neighbour = p.run({ ms: 450 })
      assert.equal((await p.run({ crash: 'late uncaught' })).kind, 'ack')
      // Where it is not known whose it was, it may have been anybody's.
      const { attributesErrors } = p.traits
      assert.equal(summary(await neighbour), attributesErrors ? 'release ISOLATE_DIED' : 'release suspect ISOLATE_DIED')
    },
  },
  'one whose event loop a job has left blocked is killed; what it had not started runs': {
    async run(p) {
      const first = await p.pidOf({ crash: 'late loop' })
      await new Promise((resolve) => setTimeout(resolve, 50))
      assert.notEqual(await p.pidOf({}), first)
      assert.deepEqual(
        p.recycles.map(({ cause }) => cause),
        ['hang'],
      )
    },
  },
  'a rejection that nobody handled ends nothing': {
    async run(p) {
      const first = await p.pidOf({ crash: 'reject' })
      assert.equal(await p.pidOf({}), first)
    },
  },
  'jobs that had not started know nothing of a crash': {
    options: { concurrency: 1 },
    async run(p) {
      // Short jobs first, so that some are sent ahead.
      for (let n = 0; n < 20; n++) await p.run({})
      assert.ok(p.pool.free() > 1, 'it takes more than one')
      const first = p.run({ crash: 'exit', ms: 50 })
      const others = Array.from({ length: p.pool.free() }, () => p.pidOf({}))
      assert.equal(summary(await first), 'release suspect ISOLATE_DIED')
      await Promise.all(others)
    },
  },
  'disposed, it leaves no process behind': {
    options: { size: 2 },
    async run(p) {
      await p.until(() => p.states() === 'active,active,spare')
      const pids = p.pool.health().pool?.isolates.map(({ pid }) => pid ?? 0) ?? []
      await p.pool[Symbol.asyncDispose]()
      assert.deepEqual(pids.map(isRunning), [false, false, false])
    },
  },
}

/** What a pool of isolates promises, whatever handlers do, in every runtime that has processes. */
export function isolateCases(open: OpenPool, traits: IsolateTraits): readonly IsolateCase[] {
  return Object.entries(cases).map(([name, { options = {}, run }]) => ({
    name,
    async run() {
      const hooks = new Hooks()
      const recycles: HookEvents['recycle'][] = []
      hooks.add('recycle', (event) => recycles.push(event))
      const pool = await open({ size: 1, memory: 400e6, ...options }, hooks)
      try {
        await run(new Pool(pool, recycles, traits))
      } finally {
        await pool[Symbol.asyncDispose]()
      }
    },
  }))
}
