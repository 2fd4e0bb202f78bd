import { Socket } from 'node:net'
import process from 'node:process'
import { watchByCanary } from './canary.ts'
import { toConfigFlags } from './deno-config.ts'
import { PERMISSIONS, type Permissions, toPermissionFlags } from './permissions.ts'
import type { Platform } from './platform.ts'
import { GUARDIAN, ISOLATE_MAIN } from './scripts.ts'
import { collectV8, readFiguresV8, readYoungV8, toHeapFlags } from './v8.ts'

/** What is used of Deno's own interface. */
interface DenoApi {
  readonly permissions: { querySync(what: { readonly name: string }): { readonly state: string } }
  exit(code: number): never
  serve(
    options: { readonly port: number; readonly hostname: string; readonly onListen: () => void },
    answer: (request: Request) => Response,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> }
}

/** As a shell has it for SIGKILL. */
const KILLED = 137

/** A timer that is there for being there, in ms. */
const KEEP_ALIVE_MS = 3_600_000

const V8_FLAGS = '--v8-flags='

/** A guardian kills processes, and does nothing else. */
const GUARDIAN_FLAGS = ['--allow-run', `${V8_FLAGS}--max-old-space-size=16,--no-opt`]

function deno(): DenoApi {
  return (globalThis as unknown as { readonly Deno: DenoApi }).Deno
}

/** What is granted without exception. Parts of it (`--allow-net=example.org`) cannot be asked for. */
function ownPermissions(): Permissions {
  const { permissions } = deno()
  return Object.fromEntries(
    PERMISSIONS.filter((name) => permissions.querySync({ name }).state === 'granted').map((name) => [name, true]),
  )
}

/** Where all is granted that can be, so are the files of the system that no single permission is enough for. */
function toFlags(permissions: Permissions | undefined): readonly string[] {
  const granted = permissions ?? ownPermissions()
  if (PERMISSIONS.every((name) => granted[name] === true)) return ['--allow-all']
  // One is always given: Deno adds all permissions to processes that Deno starts, unless it is told any.
  const flags = toPermissionFlags(granted)
  return flags.length > 0 ? flags : ['--deny-ffi']
}

/**
 * A main module that loads the app by its name in so many words: then it is part of what is loaded at the start, and needs
 * no permission to be read.
 */
function toMain(module: string): string {
  const source = `import { runIsolate } from ${JSON.stringify(ISOLATE_MAIN)}; runIsolate(() => import(${JSON.stringify(module)}))`
  return `data:text/javascript,${encodeURIComponent(source)}`
}

export const denoPlatform: Platform = {
  name: 'Deno',
  restricts: true,
  writesTextAt: false,
  readFigures: readFiguresV8,
  readYoung: readYoungV8,
  collect: collectV8,
  watchCollections: watchByCanary,
  isolateCommand: ({ module, execArgv, permissions }) => ({
    file: process.execPath,
    args: [
      'run',
      '--quiet',
      '--no-prompt',
      ...toFlags(permissions),
      ...toConfigFlags(module, execArgv),
      ...execArgv,
      toMain(module),
    ],
  }),
  guardianCommand: () => ({
    file: process.execPath,
    args: ['run', '--quiet', '--no-prompt', '--no-config', '--no-lock', ...GUARDIAN_FLAGS, GUARDIAN],
  }),
  sharedFlags: (flags) => flags,
  withHeapLimit(flags, heapMb, youngMb) {
    const v8 = flags
      .filter((flag) => flag.startsWith(V8_FLAGS))
      .flatMap((flag) => flag.slice(V8_FLAGS.length).split(','))
    const others = flags.filter((flag) => !flag.startsWith(V8_FLAGS))
    return [...others, V8_FLAGS + [...v8, ...toHeapFlags(v8, heapMb, youngMb)].join(',')]
  },
  listen(fd, onText, onClose) {
    // A socket that is only read does not always keep Deno alive.
    setInterval(() => {}, KEEP_ALIVE_MS)
    const input = new Socket({ fd, readable: true, writable: false })
    input.setEncoding('utf8').on('data', onText)
    input.on('error', () => {})
    input.on('close', onClose)
  },
  // It does so by itself.
  keepCompiled() {},
  // Without a permission to kill.
  die: () => deno().exit(KILLED),
  async serveHttp({ port, hostname }, answer) {
    const server = deno().serve({ port, hostname, onListen() {} }, answer)
    return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() }
  },
}
