import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { HarnessError } from '../../errors.ts'
import { MAX_TAIL } from '../output-tail.ts'
import { load, loadPeersOf, type Peers } from './peers.ts'

/** How much wrangler says. */
const LOG_VARIABLE = 'WRANGLER_LOG'

/** It is to tell nobody, to ask nobody, to say no more than it has to, and to leave no log behind. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  ...{ WRANGLER_SEND_METRICS: 'false', WRANGLER_WRITE_LOGS: 'false', WRANGLER_HIDE_BANNER: 'true' },
  ...{ [LOG_VARIABLE]: 'error', CI: 'true' },
}

/** Bundling may take this long, in ms. */
const BUNDLE_LIMIT_MS = 120_000

/** What of wrangler's API is used here. */
export interface WranglerLibrary {
  unstable_getMiniflareWorkerOptions(config: string): {
    readonly workerOptions: Readonly<Record<string, unknown>>
    readonly externalWorkers: readonly (Readonly<Record<string, unknown>> & { readonly name: string })[]
  }
  unstable_readConfig(args: { readonly config: string }): WranglerConfig
  unstable_splitSqlQuery(sql: string): string[]
}

/** What of a configuration is used here. */
export interface WranglerConfig {
  readonly name?: string | undefined
  readonly main?: string | undefined
  readonly queues: { readonly consumers?: readonly QueueConsumer[] | undefined }
  readonly d1_databases: readonly { readonly binding: string; readonly migrations_dir?: string | undefined }[]
}

/** A queue that a Worker consumes. */
export interface QueueConsumer {
  readonly queue: string
  readonly max_batch_size?: number | undefined
}

/** The wrangler of a project, with the Miniflare, workerd and esbuild that it brings. */
export interface Wrangler extends Peers {
  readonly library: WranglerLibrary
  /** Its program. */
  readonly script: string
}

/**
 * The wrangler of the project that a configuration is of.
 * @throws {HarnessError} `HARNESS_NOT_AVAILABLE` with the command that installs it.
 */
export async function findWrangler(config: string): Promise<Wrangler> {
  try {
    const ofProject = createRequire(config)
    const manifest = ofProject.resolve('wrangler/package.json')
    const { bin } = ofProject(manifest) as { readonly bin: { readonly wrangler: string } }
    return {
      ...(await loadPeersOf(createRequire(manifest))),
      library: await load<WranglerLibrary>(ofProject, 'wrangler'),
      script: join(dirname(manifest), bin.wrangler),
    }
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new HarnessError(
      'HARNESS_NOT_AVAILABLE',
      `--worker needs the wrangler of the project, which cannot be loaded from ${dirname(config)} (${reason}); install it there (npm install --save-dev wrangler)`,
      { cause },
    )
  }
}

/** Wrangler says on standard output what it reads, which is where a report may go: it is told to be quiet meanwhile. */
export function quietly<Result>(read: () => Result): Result {
  const before = process.env[LOG_VARIABLE]
  process.env[LOG_VARIABLE] = 'error'
  try {
    return read()
  } finally {
    if (before === undefined) delete process.env[LOG_VARIABLE]
    else process.env[LOG_VARIABLE] = before
  }
}

/**
 * Has wrangler bundle a Worker into a folder, as it does to deploy it. Nothing is deployed, and nobody is asked.
 * @throws {HarnessError} `HARNESS_LOAD` with what it says when it cannot.
 */
export async function bundleWithWrangler(
  { script }: Wrangler,
  config: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(process.execPath, [script, 'deploy', '--dry-run', '--outdir', folder, '--config', config], {
    cwd: dirname(config),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...ENVIRONMENT },
    signal,
    timeout: BUNDLE_LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  const said = Promise.all([child.stdout, child.stderr].map((stream) => text(stream as Readable)))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  }).catch((cause: unknown) => {
    throw new HarnessError('HARNESS_ABORTED', `the run was aborted while ${config} was bundled`, { cause })
  })
  if (code === 0) return
  const output = stripVTControlCharacters((await said).join('\n'))
    .trim()
    .slice(-MAX_TAIL)
  const problem = code === null ? `has not bundled within ${BUNDLE_LIMIT_MS / 1_000} s` : 'cannot bundle'
  throw new HarnessError('HARNESS_LOAD', `wrangler ${problem} the Worker of ${config}:\n${output}`)
}
