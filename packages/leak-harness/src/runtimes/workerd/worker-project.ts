import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join } from 'node:path'
import { HarnessError } from '../../errors.ts'
import type { Bundle } from './bundle.ts'
import type { WorkerOptions } from './start-miniflare.ts'
import { bundleWithWrangler, findWrangler, quietly, type Wrangler, type WranglerConfig } from './wrangler.ts'

/** A Worker as it would be deployed, with its bindings local. */
export interface WorkerProject {
  readonly wrangler: Wrangler
  readonly config: WranglerConfig
  readonly name: string
  readonly bundle: Bundle
  /** Its main script. */
  readonly scriptName: string
  /** The Worker, and those that wrangler runs beside it. */
  readonly workers: readonly [WorkerOptions, ...WorkerOptions[]]
}

interface ModuleRule {
  readonly type: string
  readonly include: readonly string[]
}

/** Files that wrangler writes beside the modules. */
const NO_MODULES = /(?:\.map|^README\.md)$/

/**
 * Reads and bundles the Worker of a configuration.
 * @throws {HarnessError} `HARNESS_NOT_AVAILABLE` without wrangler, `HARNESS_LOAD` when the configuration or the Worker
 *   cannot be used.
 */
export async function loadWorkerProject(configPath: string, signal: AbortSignal): Promise<WorkerProject> {
  if (!existsSync(configPath))
    throw new HarnessError('HARNESS_LOAD', `there is no ${configPath}; give the path of a wrangler.jsonc`)
  const wrangler = await findWrangler(configPath)
  const { config, workerOptions, externalWorkers } = readProject(wrangler, configPath)
  const { main, name = 'worker' } = config
  if (main === undefined)
    throw new HarnessError(
      'HARNESS_LOAD',
      `${configPath} names no script ("main"), so that there is no Worker to judge`,
    )
  const { modulesRules = [], queueConsumers: _, ...options } = workerOptions
  const folder = await mkdtemp(join(tmpdir(), 'leak-harness-worker-'))
  try {
    await bundleInto(folder, wrangler, configPath, signal)
    const scriptName = `${basename(main, extname(main))}.js`
    const others = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .filter((file) => !NO_MODULES.test(file) && file !== scriptName)
    const rules = modulesRules as readonly ModuleRule[]
    const modules = await Promise.all(
      [scriptName, ...others].map(async (path) => ({
        type: typeOf(path, rules),
        path,
        contents: await readFile(join(folder, path)).then((bytes) => (isText(path, rules) ? bytes.toString() : bytes)),
      })),
    )
    const map = await readFile(join(folder, `${scriptName}.map`), 'utf8')
    return {
      ...{ wrangler, config, name },
      bundle: { code: String(modules[0]?.contents), map, folder },
      scriptName: `/${scriptName}`,
      // What it sends to its own queues would be consumed beside the jobs; without a consumer it is dropped.
      workers: [{ ...options, name, modules }, ...externalWorkers],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function readProject(
  { library }: Wrangler,
  configPath: string,
): { config: WranglerConfig } & ReturnType<Wrangler['library']['unstable_getMiniflareWorkerOptions']> {
  try {
    return quietly(() => ({
      config: library.unstable_readConfig({ config: configPath }),
      ...library.unstable_getMiniflareWorkerOptions(configPath),
    }))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HarnessError('HARNESS_LOAD', `wrangler cannot read ${configPath}: ${reason}`, { cause })
  }
}

/** Wrangler works in a folder of the project: one that was not there is not left there. */
async function bundleInto(folder: string, wrangler: Wrangler, configPath: string, signal: AbortSignal): Promise<void> {
  const own = join(dirname(configPath), '.wrangler')
  const wasThere = existsSync(own)
  try {
    await bundleWithWrangler(wrangler, configPath, folder, signal)
  } finally {
    // Only while they are empty: whatever is in them is somebody else's.
    if (!wasThere) for (const left of [join(own, 'tmp'), own]) await rmdir(left).catch(() => {})
  }
}

function typeOf(path: string, rules: readonly ModuleRule[]): string {
  const rule = rules.find(({ include }) => include.some((glob) => path.endsWith(glob.replace(/^.*\*/, ''))))
  return rule?.type ?? 'ESModule'
}

function isText(path: string, rules: readonly ModuleRule[]): boolean {
  return !['Data', 'CompiledWasm'].includes(typeOf(path, rules))
}
