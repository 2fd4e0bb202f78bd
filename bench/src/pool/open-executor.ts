import { type IsolateOptions, isolates } from '@isobar/adapters/node'
import type { Executor, Size } from '@isobar/core'
import { inProcess } from '@isobar/core/worker'

/** Isolates, as JSON. */
export interface IsolatesWhere {
  /** Jobs at once: in each isolate. */
  readonly concurrency: number
  readonly size: number
  /** Jobs that an isolate does before it is replaced; `'never'`: it is not replaced for that. Default: isobar's own. */
  readonly jobs?: number | 'never'
  readonly spares?: number
  /** Of an isolate. Default 1 GB, which no benchmark reaches that is not about it. */
  readonly memory?: Size
}

/** Where handlers run, as JSON: no isolates means in this process. */
export type Where = IsolatesWhere | { readonly concurrency: number; readonly size: 0 }

/** Apps that are measured, by what they are for. */
export const APPS: Readonly<Record<'plain' | 'leaky' | 'aging', URL>> = {
  plain: new URL('../subjects/pool-app.ts', import.meta.url),
  leaky: new URL('../subjects/leaky-app.ts', import.meta.url),
  aging: new URL('../subjects/aging-app.ts', import.meta.url),
}

/** Opens an executor for an app: in this process where there are to be no isolates. */
export async function openExecutor(where: Where, app: keyof typeof APPS = 'plain'): Promise<Executor> {
  if (where.size > 0) return isolates(APPS[app], toIsolateOptions(where))
  const { default: loaded } = await import(APPS[app].href)
  return inProcess(loaded, { concurrency: where.concurrency })
}

/** The options of a pool. */
export function toIsolateOptions({ size, concurrency, jobs, spares, memory = '1gb' }: IsolatesWhere): IsolateOptions {
  return {
    size,
    concurrency,
    memory,
    ...(jobs !== undefined && { jobs: jobs === 'never' ? Number.POSITIVE_INFINITY : jobs }),
    ...(spares !== undefined && { spares }),
  }
}
