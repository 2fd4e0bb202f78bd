import { pathToFileURL } from 'node:url'
import { HarnessError } from '../errors.ts'
import type { JobToReplay, ModuleOptions, ModuleSettings } from './contract.ts'
import { toModuleOptions } from './module-options.ts'
import { type Subject, toSubject } from './subject.ts'
import type { Trace } from './trace.ts'

/** A module under test, loaded. */
export interface LoadedModule {
  readonly path: string
  readonly subject: Subject
  readonly options: ModuleOptions
  readonly makeData: ((i: number) => unknown) | undefined
  readonly makeJob: ((i: number) => JobToReplay) | undefined
}

/**
 * Loads the module at `path` and checks that it is what the harness takes.
 * @throws {HarnessError} `HARNESS_LOAD` when it cannot be loaded, or its default export is neither an app nor a handler.
 */
export async function loadModule(path: string): Promise<LoadedModule> {
  let exports: Record<string, unknown>
  try {
    exports = (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (cause) {
    throw new HarnessError(
      'HARNESS_LOAD',
      `cannot load ${path}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
      { cause },
    )
  }
  return toLoadedModule(exports, path)
}

/**
 * Checks that the exports of a module are what the harness takes.
 * @throws {HarnessError} `HARNESS_LOAD` when its default export is neither an app nor a handler, or another one is of the
 *   wrong kind.
 */
export function toLoadedModule(exports: Readonly<Record<string, unknown>>, path: string): LoadedModule {
  const subject = toSubject(exports.default)
  if (!subject) {
    throw new HarnessError(
      'HARNESS_LOAD',
      `the default export of ${path} is neither an isobar app nor a function; export default createApp()… or (job) => …`,
    )
  }
  const { makeData, makeJob, harness = {} } = exports
  for (const [name, value] of Object.entries({ makeData, makeJob })) {
    if (value !== undefined && typeof value !== 'function')
      throw new HarnessError('HARNESS_LOAD', `${name} of ${path} is not a function; it takes the job's number`)
  }
  return {
    path,
    subject,
    options: toModuleOptions(harness, path),
    makeData: makeData as LoadedModule['makeData'],
    makeJob: makeJob as LoadedModule['makeJob'],
  }
}

/** What the parent needs to know of a module. */
export function toSettings({ subject, options }: LoadedModule, trace: Trace | undefined): ModuleSettings {
  return {
    kind: subject.kind,
    lifetime: { jobs: options.lifetime?.jobs, ms: options.lifetime?.ms },
    expectFailures: options.expectFailures === true,
    budget: options.budget ?? {},
    jobs: options.jobs,
    warmup: options.warmup,
    concurrency: options.concurrency,
    traceLines: trace?.length,
    varies: options.vary !== undefined,
  }
}
