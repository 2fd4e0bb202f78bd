/**
 * What runs in an isolate, once it has been started. It takes frames on one pipe, says lines on another, loads
 * the app that its first frame names, and runs the jobs that follow.
 *
 * It is *loading* until it says that it is ready or has failed, then *open* until it is told to end or its supervisor is
 * gone. It ignores the signals that ask workers to stop: they reach the whole process group, and it is the supervisor
 * who drains. When the pipe closes, the supervisor is gone, and so is this process, at once; for one that is in an
 * endless loop by then the guardian sees to that (`guardian.ts`).
 */
import { writeFileSync } from 'node:fs'
import process from 'node:process'
import type { App, Enqueued, JobSpec } from '@isobar/core'
import { reviveError, serializeError } from '@isobar/core/codec'
import { platform } from '../platform/this-platform.ts'
import { toAbortReason } from './abort-wire.ts'
import { IN_FD, type Init, JOURNAL_FD, OUT_FD } from './channel.ts'
import { type Frame, FrameReader } from './frames.ts'
import { fromHookEvent, toHookEvent } from './hook-wire.ts'
import { IsolateJobs, type OwnJob } from './isolate-jobs.ts'
import { IsolateMemory } from './isolate-memory.ts'
import { fromJobFrame } from './job-frame.ts'
import { LineWriter } from './line-writer.ts'
import { SAY } from './lines.ts'
import { toManifest } from './manifest.ts'

/** How long the app's resources may take to end, in ms: less than the supervisor waits for it. */
const DISPOSE_MS = 4_000

/** Killed before the supervisor when a container runs out of memory: 0 is as likely as others, 1,000 most likely. */
const OOM_SCORE = 500

const out = new LineWriter(OUT_FD, JOURNAL_FD)
let app: App | undefined
let jobs: IsolateJobs | undefined
let memory: IsolateMemory | undefined
const sends = new Map<number, { resolve: (sent: readonly Enqueued[]) => void; reject: (error: Error) => void }>()
let lastSend = 0

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
try {
  writeFileSync('/proc/self/oom_score_adj', String(OOM_SCORE))
} catch {
  // Not on Linux, or not allowed.
}

process.on('unhandledRejection', (error) => {
  const job = jobs?.current?.delivery.job
  const whose = job ? `job ${job.name} (id ${job.id}, queue ${job.queue})` : 'no job that is known'
  console.error(
    `isobar: a promise of ${whose} was rejected and nobody handled it; the isolate goes on, and the promise should be awaited in its handler`,
    error,
  )
})
process.on('uncaughtException', (error) => {
  out.say(SAY.crash, jobs?.current?.n ?? 0, JSON.stringify(serializeError(error)))
  out.flush()
  console.error(error)
  process.exit(1)
})

/** Loads the module of the app, by its URL. */
type LoadModule = (url: string) => Promise<{ readonly default?: unknown; readonly app?: unknown }>

let loadModule: LoadModule

/** Begins to take frames. */
export function runIsolate(load: LoadModule): void {
  loadModule = load
  const frames = new FrameReader()
  platform.listen(
    IN_FD,
    (text) => take(frames.read(text)),
    () => platform.die(),
  )
}

function take(taken: readonly Frame[]): void {
  const own: OwnJob[] = []
  for (const frame of taken) {
    if (frame.kind === 'job')
      own.push({ n: frame.n, delivery: fromJobFrame(frame), run: undefined, progress: undefined })
    else {
      if (own.length > 0) jobs?.add(own.splice(0))
      obey(frame)
    }
  }
  if (own.length > 0) jobs?.add(own)
}

function obey({ kind, n, head, body }: Frame): void {
  switch (kind) {
    case 'init':
      void load(JSON.parse(body))
      break
    case 'abort': {
      const { reason, job, graceMs } = JSON.parse(head)
      jobs?.abort(n, toAbortReason(reason, job), graceMs)
      break
    }
    case 'recall':
      jobs?.recall()
      break
    case 'collect':
      memory?.confirm()
      break
    case 'hook': {
      const { name, event } = fromHookEvent(body)
      app?.emit(name, event)
      break
    }
    case 'sent': {
      const { sent, error } = JSON.parse(body)
      const waiting = sends.get(n)
      sends.delete(n)
      if (error) waiting?.reject(reviveError(error))
      else waiting?.resolve(sent)
      break
    }
    case 'end':
      void end()
      break
  }
}

async function load({ module, env, concurrency, hooks, limit }: Init): Promise<void> {
  try {
    app = findApp(await loadModule(module), module)
    app.ready()
    const manifest = await toManifest(app)
    memory = new IsolateMemory(out, limit)
    for (const name of hooks) {
      app.hook(name, (event) => out.say(SAY.hook, jobs?.current?.n ?? 0, toHookEvent(name, event)))
    }
    jobs = new IsolateJobs({ app, env: env ?? process.env, concurrency, out, memory, send })
    out.say(SAY.ready, 0, JSON.stringify(manifest))
    memory.confirm()
    // Those that follow find what this one has compiled, also when it is killed.
    platform.keepCompiled()
  } catch (error) {
    out.say(SAY.failed, 0, JSON.stringify(serializeError(error)))
    out.flush()
    process.exit(1)
  }
}

/** By its shape: the module may have another copy of the core than this adapter. */
function findApp(exports: { readonly default?: unknown; readonly app?: unknown }, module: string): App {
  for (const value of [exports.default, exports.app]) {
    const found = value as Partial<App> | null | undefined
    if (typeof found === 'object' && found !== null && typeof found.start === 'function') return found as App
  }
  throw new Error(`${module} exports no app; export what createApp() returns, as default or as app`)
}

function send(specs: readonly JobSpec[]): Promise<readonly Enqueued[]> {
  const n = ++lastSend
  return new Promise((resolve, reject) => {
    sends.set(n, { resolve, reject })
    out.say(SAY.send, n, JSON.stringify(specs))
  })
}

async function end(): Promise<void> {
  memory?.stop()
  setTimeout(() => process.exit(0), DISPOSE_MS).unref()
  try {
    await app?.dispose()
  } catch (error) {
    console.error('isobar: the resources of an isolate could not be disposed', error)
  }
  out.flush()
  process.exit(0)
}
