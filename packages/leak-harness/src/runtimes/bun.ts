import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fromJscSnapshot } from '../heap/jsc-snapshot.ts'
import { openBunDebugger } from './bun-debugger.ts'
import type { RuntimeDriver } from './driver.ts'
import { findRuntime } from './find-runtime.ts'
import { createProcessDriver, EXACT_ENVIRONMENT } from './process-driver.ts'

/** Where its debugger listens, as it says on standard error. */
const LISTENING = /^\s*(ws:\/\/\S+)/m

/** Without compilers and with all collecting done at once, its heap stands as still as V8's in exact mode. */
const EXACT_ENGINE: Readonly<Record<string, string>> = { BUN_JSC_useJIT: '0', BUN_JSC_useConcurrentGC: '0' }

/** Bun: another engine, JavaScriptCore. Buffers are a part of its heap. */
export const bunDriver: RuntimeDriver = createProcessDriver({
  name: 'bun',
  reads: ['heap', 'rss', 'handles'],
  launch(mode, { cwd, imports }) {
    const exact = mode === 'exact'
    return {
      file: findRuntime('bun', cwd),
      flags: [
        // The address is the secret: whoever knows it can run code in the process.
        ...(exact ? [] : [`--inspect=127.0.0.1:0/${randomUUID()}`]),
        ...imports.flatMap((name) => ['--preload', name]),
      ],
      environment: exact ? { ...EXACT_ENVIRONMENT, ...EXACT_ENGINE } : {},
      channel: 'own',
    }
  },
  openDebugger: async (process) => openBunDebugger(await process.heard(LISTENING)),
  readSnapshot: async (file) => fromJscSnapshot(await readFile(file, 'utf8')),
})
