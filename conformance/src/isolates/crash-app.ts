// The app of the cases of isolates: jobs that crash, leak and look around. Runs on Node, Deno and Bun.
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type App, createApp, defineJob, fixed, type JobType } from '@isobar/core'

/** What takes down an isolate, or does not. */
export type Crash = 'exit' | 'abort' | 'kill' | 'loop' | 'uncaught' | 'heap' | 'reject' | 'late loop' | 'late uncaught'

/** What a job does, one after the other; then it says which process it ran in. */
export interface Act {
  readonly ms?: number
  readonly crash?: Crash
  /** Leaves so many bytes of buffers behind. */
  readonly keepBytes?: number
  /** Leaves so many objects behind. */
  readonly keepObjects?: number
  /** Reads a file, an environment variable, or what a URL answers. */
  readonly read?: string
  readonly env?: string
  readonly fetch?: string
  /** Starts this program. */
  readonly run?: string
}

export const act: JobType<Act, Act> = defineJob<Act>({
  name: 'act',
  timeout: '500ms',
  retry: { attempts: 3, backoff: fixed(10) },
})

/** How each is done. */
export const CRASHES: Readonly<Record<Crash, () => unknown>> = {
  exit: () => process.exit(0),
  abort: () => process.abort(),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  loop: () => {
    for (;;);
  },
  uncaught: () => {
    setTimeout(() => {
      throw new Error('nobody catches this')
    }, 1)
    return sleep(10_000)
  },
  heap: () => {
    const all: unknown[] = []
    for (;;) all.push({ all: [...all.slice(0, 100)] })
  },
  'late loop': () =>
    void setTimeout(() => {
      for (;;);
    }, 20),
  'late uncaught': () =>
    void setTimeout(() => {
      throw new Error('its job is done')
    }, 20),
  reject: () => void Promise.reject(new Error('nobody awaits this')),
}

const kept: unknown[] = []

async function look({ read, env, fetch: url, run }: Act): Promise<unknown> {
  if (read) return readFileSync(read, 'utf8')
  if (env) return process.env[env]
  if (url) return await (await fetch(url)).text()
  if (run) return (await import('node:child_process')).execFileSync(run).toString()
  return process.pid
}

const app: App = createApp({ grace: '100ms' }).on(act, async (ctx) => {
  const { ms, crash, keepBytes, keepObjects } = ctx.data
  if (keepBytes) kept.push(Buffer.alloc(keepBytes, 1))
  if (keepObjects) kept.push(Array.from({ length: keepObjects }, (_, n) => ({ n, text: `${n} of ${ctx.job.id}` })))
  if (ms) await sleep(ms)
  if (crash) await CRASHES[crash]()
  return await look(ctx.data)
})

export default app
