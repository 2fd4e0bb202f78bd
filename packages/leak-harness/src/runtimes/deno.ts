import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { RemoteDebugSession } from './cdp.ts'
import { answerDebug } from './debug.ts'
import type { RuntimeDriver } from './driver.ts'
import { findRuntime } from './find-runtime.ts'
import { createProcessDriver, EXACT_ENVIRONMENT } from './process-driver.ts'
import { EXACT_FLAGS } from './v8-flags.ts'

/** Where its debugger listens, as it says on standard error. */
const LISTENING = /Debugger listening on (ws:\/\/\S+)/

/** Deno: V8 as in Node, whose debugger is asked from here. */
export const denoDriver: RuntimeDriver = createProcessDriver({
  name: 'deno',
  reads: ['heap', 'external', 'rss', 'handles'],
  launch(mode, { cwd, imports }) {
    const exact = mode === 'exact'
    const v8Flags = ['--expose-gc', ...(exact ? EXACT_FLAGS : [])]
    return {
      file: findRuntime('deno', cwd),
      flags: [
        ...['run', '--allow-all', '--no-lock', `--v8-flags=${v8Flags.join(',')}`],
        // What a project of its own says of its packages goes first; any other has them in node_modules.
        ...(hasConfig(cwd) ? [] : ['--node-modules-dir=manual']),
        ...(exact ? [] : ['--inspect=127.0.0.1:0']),
        ...imports.flatMap((name) => ['--preload', name]),
      ],
      // Beside a workspace of another package manager, it would write its own into package.json.
      environment: { ...(exact ? EXACT_ENVIRONMENT : {}), DENO_NO_PACKAGE_JSON: '1', DENO_NO_UPDATE_CHECK: '1' },
      channel: 'output',
    }
  },
  async openDebugger(process) {
    const session = await RemoteDebugSession.open(await process.heard(LISTENING))
    return {
      request: (request) => answerDebug(session, request),
      evaluate: (expression) => session.post('Runtime.evaluate', { expression }),
      [Symbol.dispose]: () => session[Symbol.dispose](),
    }
  },
})

/** Whether a folder, or one above it, has a configuration of Deno's. */
function hasConfig(folder: string): boolean {
  if (['deno.json', 'deno.jsonc'].some((name) => existsSync(join(folder, name)))) return true
  const parent = dirname(folder)
  return parent !== folder && hasConfig(parent)
}
