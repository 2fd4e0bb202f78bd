import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Duration, type HookName, OptionError, type Size, toBytes, toMs } from '@isobar/core'
import {
  DEFAULT_ALONE_CRASHES,
  DEFAULT_CONCURRENCY,
  type ScaleOptions,
  type ScaleRange,
  toScaleOptions,
} from '@isobar/core/worker'
import { type Permissions, toPermissionFlags } from '../platform/permissions.ts'
import { platform } from '../platform/this-platform.ts'
import { toBudget } from './budget.ts'
import type { HeardHook } from './channel.ts'

/** Isolates that serve by default. */
export const DEFAULT_ISOLATES = 2

/** Jobs that an isolate does by default before it is replaced. */
export const DEFAULT_ISOLATE_JOBS = 1_000

/** How long it lives at least by default, however tiny its jobs, in ms. */
export const DEFAULT_LEAST_AGE_MS = 10_000

/**
 * Share of an isolate's budget that its heap may take. A heap whose pages are partly filled is full before its limit, and
 * then dies: that must come after what the governor does at 80 % of the resident memory.
 */
const HEAP_SHARE = 0.9

/**
 * Share of an isolate's budget for each half of its young generation, and the largest that is worth saying, in MB: the
 * engine's own default grows with the heap, and takes three of them and more for a moment while it collects. In an isolate
 * of 256 MB that was seen to add 90 MB at once.
 */
const YOUNG_SHARE = 1 / 32
const YOUNG_MOST_MB = 32

/** The smallest heap that an isolate is given, in MB: with less, apps do not load. */
const MIN_HEAP_MB = 32

/** Options of a pool of isolates. */
export interface IsolateOptions {
  /**
   * Isolates that serve. Default 2. With `{ min, max }` between the two, by depth and oldest age of the queues and the
   * memory that is left.
   */
  readonly size?: number | ScaleRange
  /**
   * Jobs that an isolate does before it is replaced; `Infinity`: no limit. It goes on until its successor has loaded, so
   * that it may do some more. 1 is exact: an isolate of its own for each job. Default 1,000, and 10 s at least: where jobs
   * are tiny, starting isolates would cost more than they do.
   */
  readonly jobs?: number
  /**
   * Memory of an isolate: a size, or a number below 1 for a share of the container's limit (of the machine's memory where
   * it has none). Default: what there is, less 10 % and the supervisor, over all processes there can be. It is replaced
   * before it gets there, and killed if it does all the same.
   */
  readonly memory?: Size
  /** How long an isolate lives. Default: no limit. */
  readonly age?: Duration
  /** Isolates that are loaded and wait to take over. Default 1; as many as serve, where each does one job only. */
  readonly spares?: number
  /** Jobs at once in each isolate. Default 10. */
  readonly concurrency?: number
  /** Times that a job may take down an isolate in which it runs alone, before it is dead with reason `crashed`. Default 2. */
  readonly maxCrashes?: number
  /**
   * Flags for the runtime in the isolates. Default: those of this process, which Deno does not tell. A heap limit is set
   * from `memory`, unless one is given; Bun has none.
   */
  readonly execArgv?: readonly string[]
  /**
   * What isolates may do, in Deno. Default: what this process may do without exception. The app's modules need no
   * permission to be loaded.
   */
  readonly permissions?: Permissions
  /** For providers, as JSON. Default: the isolate's environment variables. */
  readonly env?: unknown
}

/** `IsolateOptions` with every default filled in. */
export interface PoolSettings {
  readonly module: string
  readonly size: number
  /** Undefined: the size is fixed. */
  readonly scale: ScaleOptions | undefined
  readonly jobs: number
  /** An isolate is not replaced for its number of jobs before it is so old. */
  readonly leastAgeMs: number
  /** Bytes of one isolate. */
  readonly memory: number
  readonly ageMs: number
  readonly spares: number
  readonly concurrency: number
  readonly maxCrashes: number
  readonly execArgv: readonly string[]
  readonly permissions: Permissions | undefined
  readonly env: unknown
  readonly hooks: readonly HeardHook[]
}

/**
 * Fills in the defaults.
 * @throws {OptionError}
 */
export function toPoolSettings(
  module: URL | string,
  options: IsolateOptions = {},
  heard: readonly HookName[] = [],
): PoolSettings {
  const { size = DEFAULT_ISOLATES, jobs = DEFAULT_ISOLATE_JOBS, age, maxCrashes = DEFAULT_ALONE_CRASHES } = options
  const scale = typeof size === 'number' ? undefined : toScaleOptions(size)
  const first = typeof size === 'number' ? assertWhole(size, 'isolates.size', 1) : (scale?.min ?? 1)
  if (jobs !== Number.POSITIVE_INFINITY) assertWhole(jobs, 'isolates.jobs', 1)
  const concurrency = Math.min(assertWhole(options.concurrency ?? DEFAULT_CONCURRENCY, 'isolates.concurrency', 1), jobs)
  const spares = assertWhole(options.spares ?? (jobs === 1 ? first : 1), 'isolates.spares', 0)
  const memory = toMemory(options.memory, (scale?.max ?? first) + spares + 1)
  const { permissions } = options
  if (permissions && !platform.restricts)
    throw new OptionError(`isolates.permissions are Deno's, and this is ${platform.name}; leave them out`)
  if (permissions) toPermissionFlags(permissions)
  const flags = platform.sharedFlags(options.execArgv ?? process.execArgv)
  return {
    module: toModuleUrl(module),
    size: first,
    scale,
    jobs,
    leastAgeMs: options.jobs === undefined ? DEFAULT_LEAST_AGE_MS : 0,
    memory,
    ageMs: age === undefined ? Number.POSITIVE_INFINITY : toMs(age),
    spares,
    concurrency,
    maxCrashes: assertWhole(maxCrashes, 'isolates.maxCrashes', 1),
    execArgv: withHeapLimit(flags, memory),
    permissions,
    env: options.env,
    hooks: heard.filter((name): name is HeardHook => name === 'log' || name === 'progress' || name === 'scopeError'),
  }
}

/** A path is meant from the working directory, as everywhere else. */
function toModuleUrl(module: URL | string): string {
  if (typeof module !== 'string') return module.href
  return /^[a-z]{2,}:/i.test(module) ? module : pathToFileURL(resolve(module)).href
}

function withHeapLimit(flags: readonly string[], memory: number): readonly string[] {
  const toMb = (share: number): number => Math.floor((memory * share) / 2 ** 20)
  const young = Math.max(2, toMb(YOUNG_SHARE))
  const heap = Math.max(MIN_HEAP_MB, toMb(HEAP_SHARE))
  return platform.withHeapLimit(flags, heap, young < YOUNG_MOST_MB ? young : undefined)
}

function toMemory(memory: Size | undefined, processes: number): number {
  if (memory === undefined) return toBudget(processes)
  const bytes = typeof memory === 'number' && memory < 1 ? toBudget(1 / memory) : toBytes(memory)
  if (bytes < 2 ** 20) throw new OptionError(`isolates.memory ${memory} is less than 1 MB; give a size such as '256mb'`)
  return bytes
}

function assertWhole(value: number, name: string, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new OptionError(`${name} is ${value} and must be a whole number of at least ${least}`)
}
