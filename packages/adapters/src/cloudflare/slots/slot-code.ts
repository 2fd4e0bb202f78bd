import type { ExecutionContext, WorkerLoader, WorkerLoaderWorkerCode } from '@cloudflare/workers-types'
import { OptionError } from '@isobar/core'
import { toBindingEnv } from './binding-kinds.ts'
import type { SlotOptions } from './slots.ts'

/** @throws {OptionError} when the binding is something else. */
export function toLoader<Env>(env: Env, name: keyof Env & string): WorkerLoader {
  const loader = env[name] as Partial<WorkerLoader> | undefined
  if (typeof loader?.get === 'function' && typeof loader.load === 'function') return loader as WorkerLoader
  throw new OptionError(`the binding ${name} is no Worker Loader; add it to worker_loaders in wrangler.jsonc`)
}

/**
 * What the loader makes an isolate from.
 * @throws {OptionError} for a binding that there is not.
 */
export function toCode<Env>(options: SlotOptions<Env>, env: Env, ctx: ExecutionContext): WorkerLoaderWorkerCode {
  const { code, bindings = [], network = false, limits, compatibilityDate, compatibilityFlags = [] } = options
  return {
    compatibilityDate,
    compatibilityFlags: [...compatibilityFlags],
    mainModule: 'slot.js',
    modules: { 'slot.js': code },
    env: toBindingEnv(bindings, env, ctx),
    ...(!network && { globalOutbound: null }),
    ...(limits && { limits }),
  }
}

/** A name that changes with the text, as the platform keeps what it was given under a name (FNV-1a, 32 bits). */
export function toName(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}
