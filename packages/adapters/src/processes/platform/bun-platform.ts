import process from 'node:process'
import { watchByCanary } from './canary.ts'
import type { Platform } from './platform.ts'
import { GUARDIAN, ISOLATE_BOOT, toPath } from './scripts.ts'

/** What is used of Bun's own interface. */
interface BunApi {
  gc(now: boolean): number
  file(fd: number): { stream(): ReadableStream<Uint8Array> }
  serve(options: {
    readonly port: number
    readonly hostname: string
    readonly fetch: (request: Request) => Response
  }): { readonly port: number; stop(closeActive: boolean): Promise<void> }
}

/** Flags that belong to the process at hand and to no other. */
const OWN_FLAGS = /^--(inspect|cpu-prof|heap-prof|watch|hot|eval|print)|^-[ep]$/

const SCRIPT_FLAGS = /^(-e|-p|--eval|--print)$/

function bun(): BunApi {
  return (globalThis as unknown as { readonly Bun: BunApi }).Bun
}

export const bunPlatform: Platform = {
  name: 'Bun',
  restricts: false,
  writesTextAt: true,
  readFigures() {
    const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage()
    // Its heap includes what it keeps outside.
    return { total: heapUsed, heapUsed, external, arrayBuffers, rss }
  },
  readYoung: () => 0,
  collect: () => void bun().gc(true),
  watchCollections: watchByCanary,
  isolateCommand: ({ execArgv, memory }) => ({
    file: process.execPath,
    args: [...execArgv, toPath(ISOLATE_BOOT)],
    // How far its heap may grow before it is collected goes by the memory that the engine believes to be there. By that of
    // the machine, one with a limit of 250 MB went from below 220 to 400 at once.
    env: { BUN_JSC_forceRAMSize: String(memory) },
  }),
  guardianCommand: () => ({ file: process.execPath, args: ['--smol', toPath(GUARDIAN)] }),
  sharedFlags: (flags) => flags.filter((flag, at) => !OWN_FLAGS.test(flag) && !SCRIPT_FLAGS.test(flags[at - 1] ?? '')),
  // Its engine has no such limit: the resident memory is watched from outside.
  withHeapLimit: (flags) => flags,
  listen(fd, onText, onClose) {
    void (async () => {
      const decoder = new TextDecoder()
      try {
        for await (const bytes of bun().file(fd).stream()) onText(decoder.decode(bytes, { stream: true }))
      } finally {
        onClose()
      }
    })()
  },
  keepCompiled() {},
  die: () => void process.kill(process.pid, 'SIGKILL'),
  async serveHttp({ port, hostname }, answer) {
    const server = bun().serve({ port, hostname, fetch: answer })
    return { port: server.port, [Symbol.asyncDispose]: () => server.stop(true) }
  },
}
