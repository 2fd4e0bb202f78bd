import { createServer } from 'node:http'
import module from 'node:module'
import { type AddressInfo, Socket } from 'node:net'
import { constants, PerformanceObserver } from 'node:perf_hooks'
import process from 'node:process'
import { answerNode } from './node-http.ts'
import type { Platform } from './platform.ts'
import { GUARDIAN, ISOLATE_BOOT, toPath } from './scripts.ts'
import { collectV8, readFiguresV8, readYoungV8, toHeapFlags } from './v8.ts'

/** A guardian runs a dozen lines: a small heap does, and no compiler. */
const GUARDIAN_FLAGS = ['--max-old-space-size=16', '--max-semi-space-size=1', '--no-opt']

/** The engine's number for what may take the place of scavenges; Node has no name for it. */
const MINOR_MARK_SWEEP = 2

/** Collections of young objects. All others are parts of full ones. */
const YOUNG_COLLECTIONS: ReadonlySet<number> = new Set([constants.NODE_PERFORMANCE_GC_MINOR, MINOR_MARK_SWEEP])

/** Flags that belong to the process at hand and to no other. */
const OWN_FLAGS =
  /^--(inspect|prof|cpu-prof|heap-prof|heapsnapshot|watch|test|eval|print|check|interactive|input-type)|^-([epic]|pe)$/

/** Those of them that are followed by a script. */
const SCRIPT_FLAGS = /^(-e|-p|-pe|--eval|--print)$/

export const nodePlatform: Platform = {
  name: 'Node',
  restricts: false,
  writesTextAt: true,
  readFigures: readFiguresV8,
  readYoung: readYoungV8,
  collect: collectV8,
  watchCollections(onCollection, onPause) {
    const observer = new PerformanceObserver((list) => {
      let collected = false
      for (const entry of list.getEntries()) {
        const kind = (entry as { detail?: { kind?: number } }).detail?.kind ?? 0
        onPause(YOUNG_COLLECTIONS.has(kind) ? 'minor' : 'major', entry.duration)
        if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) collected = true
      }
      if (collected) onCollection()
    })
    observer.observe({ entryTypes: ['gc'] })
    return () => observer.disconnect()
  },
  isolateCommand: ({ execArgv }) => ({ file: process.execPath, args: [...execArgv, toPath(ISOLATE_BOOT)] }),
  guardianCommand: () => ({ file: process.execPath, args: [...GUARDIAN_FLAGS, toPath(GUARDIAN)] }),
  sharedFlags: (flags) => flags.filter((flag, at) => !OWN_FLAGS.test(flag) && !SCRIPT_FLAGS.test(flags[at - 1] ?? '')),
  withHeapLimit: (flags, heapMb, youngMb) => [...flags, ...toHeapFlags(flags, heapMb, youngMb)],
  listen(fd, onText, onClose) {
    const input = new Socket({ fd, readable: true, writable: false })
    input.setEncoding('utf8').on('data', onText)
    input.on('error', () => {})
    input.on('close', onClose)
  },
  keepCompiled: () => module.flushCompileCache?.(),
  die: () => void process.kill(process.pid, 'SIGKILL'),
  async serveHttp({ port, hostname }, answer) {
    const server = createServer((request, response) => answerNode(request, response, answer))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, hostname, resolve)
    })
    return {
      port: (server.address() as AddressInfo).port,
      async [Symbol.asyncDispose]() {
        const closed = new Promise((resolve) => server.close(resolve))
        server.closeAllConnections()
        await closed
      },
    }
  },
}
