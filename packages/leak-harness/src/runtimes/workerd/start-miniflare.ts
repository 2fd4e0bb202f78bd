import { randomUUID } from 'node:crypto'
import type { Miniflare } from 'miniflare'
import { childWith } from './find-child.ts'
import type { MiniflareLibrary } from './peers.ts'

/** How Miniflare is given flags for V8: it reads them as it starts, and has no option for them. */
const V8_FLAGS_VARIABLE = 'MINIFLARE_WORKERD_V8_FLAGS'

/** Tells a workerd from all others; Workers do not see it. */
const MARK_VARIABLE = 'LEAK_HARNESS_WORKERD'

/** One Worker of a workerd, in the words of Miniflare 4, which Miniflare 5 and wrangler still speak. */
export type WorkerOptions = Readonly<Record<string, unknown>> & { readonly name: string }

/** What a workerd is started with. */
export interface MiniflareStart {
  readonly miniflare: MiniflareLibrary
  readonly workers: readonly WorkerOptions[]
  /** Folder for what bindings keep. */
  readonly state: string
  readonly v8Flags: readonly string[]
  /** Environment of the process. */
  readonly environment: Readonly<Record<string, string>>
  /** Told what it and its Workers print. */
  readonly onOutput: (text: string) => void
  /** Told when it has gone by itself; Miniflare starts another one then. */
  readonly onCrash: () => void
  /** Ends it while it starts: a Worker may loop before it is ready. */
  readonly signal: AbortSignal
}

/** A workerd that runs, or is about to. */
export interface StartedMiniflare {
  readonly miniflare: Miniflare
  /** Its process; undefined where the system does not tell. */
  readonly pid: number | undefined
}

let starting: Promise<unknown> = Promise.resolve()

/**
 * Starts a workerd. One at a time: the flags for V8 go through a variable of this process.
 * @throws what Miniflare throws when the Workers cannot be started; nothing of it is left then.
 */
export function startMiniflare(start: MiniflareStart): Promise<StartedMiniflare> {
  const started = starting.then(() => startNow(start))
  starting = started.catch(() => {})
  return started
}

async function startNow({
  miniflare: library,
  workers,
  state,
  v8Flags,
  environment,
  onOutput,
  onCrash,
  signal,
}: MiniflareStart): Promise<StartedMiniflare> {
  const { convertV4MiniflareOptions, Log, LogLevel, Miniflare } = library
  class QuietLog extends Log {
    override logWithLevel(): void {}
    override warn(message: string): void {
      if (/crashed unexpectedly/.test(message)) onCrash()
    }
    override error(error: Error): void {
      onOutput(error.message)
    }
  }
  const mark = randomUUID()
  const before = process.env[V8_FLAGS_VARIABLE]
  process.env[V8_FLAGS_VARIABLE] = [...(before ? [before] : []), ...v8Flags].join(' ')
  let miniflare: Miniflare | undefined
  const stop = (): void => {
    miniflare?.dispose().catch(() => {})
    kill(childWith(MARK_VARIABLE, mark))
  }
  try {
    signal.throwIfAborted()
    signal.addEventListener('abort', stop, { once: true })
    miniflare = new Miniflare(
      convertV4MiniflareOptions({
        host: '127.0.0.1',
        port: 0,
        inspectorPort: 0,
        cf: false,
        log: new QuietLog(LogLevel.WARN),
        logRequests: false,
        resourcePersistencePath: state,
        handleStructuredLogs: ({ message }: { readonly message: string }) => onOutput(message),
        unsafeRuntimeEnv: { ...environment, [MARK_VARIABLE]: mark },
        workers,
      } as unknown as Parameters<typeof convertV4MiniflareOptions>[0]),
    )
    await miniflare.ready
    signal.throwIfAborted()
    return { miniflare, pid: childWith(MARK_VARIABLE, mark) }
  } catch (error) {
    await miniflare?.dispose().catch(() => {})
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    if (before === undefined) delete process.env[V8_FLAGS_VARIABLE]
    else process.env[V8_FLAGS_VARIABLE] = before
  }
}

/** Ends a process at once, if there is one: one that loops hears nothing else. */
export function kill(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has gone.
  }
}
