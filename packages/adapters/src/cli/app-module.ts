import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { App } from '@isobar/core'
import { AppModuleError } from './errors.ts'

/**
 * The app of a module: its default export, or `app`.
 * @throws {AppModuleError} when it cannot be loaded, or exports no app.
 */
export async function loadApp(module: string, cwd: string): Promise<App> {
  const path = resolve(cwd, module)
  let exports: { readonly default?: unknown; readonly app?: unknown }
  try {
    exports = await import(pathToFileURL(path).href)
  } catch (cause) {
    throw notLoaded(path, cause)
  }
  const app = [exports.default, exports.app].find(isApp)
  if (app) return app
  throw new AppModuleError(`${path} exports no app; export what createApp() returns, as default or as app`)
}

/** The error of a module that could not be loaded, here or in an isolate. */
export function notLoaded(path: string, cause: unknown): AppModuleError {
  const problem = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return new AppModuleError(`${path} could not be loaded: ${problem}; ISOBAR_DEBUG=1 shows where`, { cause })
}

/** By its shape: the module may have another copy of the core than this command. */
function isApp(value: unknown): value is App {
  const app = value as Partial<App> | null | undefined
  return typeof app === 'object' && app !== null && typeof app.run === 'function' && Array.isArray(app.queues)
}
