import { bullmq } from '@isobar/adapters/bullmq'
import { embedded, postgres } from '@isobar/adapters/postgres'
import type { Broker } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { brokerCases, createExecutorApp, createWorkerApp, executorCases, workerCases } from '@isobar/core/testing'
import { inProcess } from '@isobar/core/worker'
import { openPool, serve, traits } from './adapters.ts'
import { httpCases } from './http-cases.ts'
import type { RuntimeName } from './identity.ts'
import { isolateCases, type OpenPool } from './isolates/isolate-cases.ts'
import { permissionCases } from './isolates/permission-cases.ts'
import { serveCases } from './serve-cases.ts'

/** One case, for any runner. */
export interface Case {
  readonly name: string
  run(): Promise<void>
}

/** What suites need to be made. */
export interface Place {
  /** Of a PostgreSQL server, with a database that is nobody else's. */
  readonly databaseUrl: string
  /** An empty folder that is nobody else's. */
  readonly folder: string
  /** Of a Redis server. */
  readonly redisUrl: string
  /** What the keys in Redis start with: nobody else's do. */
  readonly prefix: string
}

/** A conformance suite on one choice of broker and executor. */
export interface Suite {
  /** Its cases; making them opens nothing. */
  cases(place: Place): readonly Case[]
  /** Cases that run at once. What shares a server or starts processes should not be slowed down by its own crowd. */
  readonly atOnce: number
  /** What of its place it uses. */
  readonly needs?: keyof Place
  /** The only runtimes that have what it is about. */
  readonly only?: readonly RuntimeName[]
}

/** Jobs at once that the suites ask their executors for. */
const CONCURRENCY = 4

/** Cases at once on memory, where they do little but wait. */
const MANY = 50

/** Cases at once on a server: each opens a few connections. */
const SOME = 8

/** Cases at once that start processes. */
const FEW = 2

/** The lease of cases whose processes want the processor at the same time, in ms. */
const ISOLATE_LEASE_MS = 3_000

const executor = () => inProcess(createExecutorApp(), { concurrency: CONCURRENCY })
const toParts = (broker: Broker) => ({ broker, executor: inProcess(createWorkerApp(), { concurrency: CONCURRENCY }) })
const executorModule = new URL('./executor-app.ts', import.meta.url)
const workerModule = new URL('./worker-app.ts', import.meta.url)
const crashModule = new URL('./isolates/crash-app.ts', import.meta.url)

/** One isolate. */
const openIsolate = (module: URL) => openPool(module, { size: 1, concurrency: CONCURRENCY, memory: '300mb' })
const openCrashing: OpenPool = (options, hooks) => openPool(crashModule, options, hooks)

/** Opened before its case looks at the time: the first one on a database makes the tables. */
async function opened<B extends Broker>(broker: B): Promise<B> {
  await broker.ready?.()
  return broker
}

/** Brokers on a server keep nothing that has ended, unless asked to. */
const FORGETS = { retains: false }

/** The name of a suite: what is proven, and on what. */
export type SuiteName =
  | 'broker-memory'
  | 'broker-postgres'
  | 'broker-embedded'
  | 'broker-bullmq'
  | 'executor-in-process'
  | 'executor-isolates'
  | 'worker-memory'
  | 'worker-postgres'
  | 'worker-embedded'
  | 'worker-bullmq'
  | 'worker-isolates'
  | 'isolates'
  | 'permissions'
  | 'serve'
  | 'http'

/** The suites. */
export const SUITES: Readonly<Record<SuiteName, Suite>> = {
  'broker-memory': {
    cases: () => brokerCases((options) => createMemoryBroker(options)),
    atOnce: MANY,
  },
  'broker-postgres': {
    cases: ({ databaseUrl }) => brokerCases(() => opened(postgres(databaseUrl)), FORGETS),
    atOnce: SOME,
    needs: 'databaseUrl',
  },
  // One folder, opened by each case anew: one process has it, and one broker at a time.
  'broker-embedded': {
    cases: ({ folder }) => brokerCases(() => opened(embedded(`${folder}/broker`)), FORGETS),
    atOnce: 1,
    needs: 'folder',
  },
  'broker-bullmq': {
    cases: ({ redisUrl, prefix }) => brokerCases(() => bullmq(redisUrl, { prefix }), FORGETS),
    atOnce: SOME,
    needs: 'redisUrl',
  },
  'executor-in-process': {
    cases: () => executorCases(executor),
    atOnce: MANY,
  },
  'executor-isolates': {
    cases: () => executorCases(() => openIsolate(executorModule)),
    atOnce: FEW,
  },
  'worker-memory': {
    cases: () => workerCases(() => toParts(createMemoryBroker())),
    atOnce: MANY,
  },
  'worker-postgres': {
    cases: ({ databaseUrl }) => workerCases(async () => toParts(await opened(postgres(databaseUrl)))),
    atOnce: SOME,
    needs: 'databaseUrl',
  },
  'worker-embedded': {
    cases: ({ folder }) => workerCases(async () => toParts(await opened(embedded(`${folder}/worker`)))),
    atOnce: 1,
    needs: 'folder',
  },
  'worker-bullmq': {
    cases: ({ redisUrl, prefix }) => workerCases(() => toParts(bullmq(redisUrl, { prefix }))),
    atOnce: SOME,
    needs: 'redisUrl',
  },
  'worker-isolates': {
    cases: () =>
      workerCases(async () => ({ broker: createMemoryBroker(), executor: await openIsolate(workerModule) }), {
        leaseMs: ISOLATE_LEASE_MS,
      }),
    atOnce: FEW,
  },
  isolates: {
    cases: () => isolateCases(openCrashing, traits()),
    atOnce: FEW,
  },
  permissions: {
    cases: () => permissionCases(openCrashing),
    atOnce: FEW,
    only: ['deno'],
  },
  serve: {
    cases: () => serveCases(serve),
    atOnce: 1,
  },
  http: {
    cases: () => httpCases(serve),
    atOnce: FEW,
  },
}

/** The suites that a runtime can run. */
export function suitesOf(runtime: RuntimeName): readonly SuiteName[] {
  const names = Object.keys(SUITES) as SuiteName[]
  return names.filter((name) => SUITES[name].only?.includes(runtime) ?? true)
}
