import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { removeKeys } from '../../packages/adapters/test/bullmq/redis.ts'
import { createDatabase } from '../../packages/adapters/test/database.ts'
import { serviceUrl } from '../../scripts/services/service-url.ts'
import type { Identity } from '../src/identity.ts'
import type { CaseResult } from '../src/run-cases.ts'
import type { SuiteName } from '../src/suites.ts'
import type { Runtime } from './runtimes.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** How long a run of the whole matrix of one runtime may take before it is killed, in ms: also one that does not end. */
export const RUN_MS = 900_000

/** A case, as the program tells of it. */
export type SuiteResult = CaseResult & { readonly suite: SuiteName }

/** What a run of the program said and did. */
export interface Run {
  readonly identity: Identity
  readonly results: readonly SuiteResult[]
  readonly summary: { readonly passed: number; readonly failed: number }
  readonly exitCode: number | null
}

/**
 * Runs suites in a runtime, on a database, in a folder and under keys of its own.
 * @throws when what it said is not what the program says.
 */
export async function runSuites(runtime: Runtime, suites: readonly SuiteName[]): Promise<Run> {
  await using database = await createDatabase()
  const redisUrl = await serviceUrl('redis')
  const folder = await mkdtemp(join(tmpdir(), 'isobar-conformance-'))
  const prefix = basename(folder)
  try {
    const env = {
      ...runtime.env,
      DATABASE_URL: database.url,
      CONFORMANCE_FOLDER: folder,
      REDIS_URL: redisUrl,
      CONFORMANCE_PREFIX: prefix,
    }
    const { lines, exitCode, stderr } = await execute(runtime, suites, env)
    const said = lines.map((line) => JSON.parse(line))
    if (said.length < 2) throw new Error(`it ended with ${exitCode} and said ${lines.join('; ')}\n${stderr}`)
    return { identity: said[0], results: said.slice(1, -1), summary: said.at(-1), exitCode }
  } finally {
    await Promise.all([rm(folder, { recursive: true, force: true }), removeKeys(redisUrl, `${prefix}:`)])
  }
}

interface Executed {
  readonly lines: readonly string[]
  readonly stderr: string
  readonly exitCode: number | null
}

function execute(runtime: Runtime, suites: readonly SuiteName[], env: Record<string, string>): Promise<Executed> {
  const { program, flags } = runtime
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: RUN_MS, maxBuffer: 64 * 1024 * 1024 }
    const child = execFile(program, [...flags, MAIN, ...suites], options, (_, stdout, stderr) =>
      resolve({ lines: stdout.split('\n').filter(Boolean), stderr, exitCode: child.exitCode }),
    )
  })
}
