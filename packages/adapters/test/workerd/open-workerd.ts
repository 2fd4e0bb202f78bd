import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { onTestFinished } from 'vitest'

/** The platform of the tests, as of this day. */
export const COMPATIBILITY_DATE = '2026-11-17'

/** What a Worker in a test has, in Miniflare's words. */
export type WorkerdOptions = Omit<
  Extract<Parameters<typeof convertV4MiniflareOptions>[0], { modules?: unknown }>,
  'modules' | 'name' | 'script' | 'scriptPath' | 'workers'
>

/** A message as a test dispatches it. Either a body as text, or any value that can be cloned. */
export interface TestMessage {
  readonly id: string
  readonly timestamp: Date
  readonly body: unknown
  readonly attempts: number
}

/** What the platform heard of a batch. */
export interface BatchResult {
  readonly outcome: string
  readonly ackAll: boolean
  readonly retryBatch: { readonly retry: boolean; readonly delaySeconds?: number }
  readonly explicitAcks: readonly string[]
  readonly retryMessages: readonly { readonly msgId: string; readonly delaySeconds?: number }[]
}

/** A Worker in a workerd process of its own. */
export interface Workerd {
  readonly miniflare: Miniflare
  /** Hands it a batch, beside every queue, and answers with what it said of each message. */
  dispatch(queue: string, messages: readonly TestMessage[]): Promise<BatchResult>
  /** Its answer to a request, as JSON; an error with the text of any other answer than 2xx. */
  ask<Answer>(path: string, body?: unknown): Promise<Answer>
  /** What it has printed. */
  readonly lines: readonly string[]
}

/** Bundles a module as a deployed Worker would be: for workerd, with its imports. */
export async function bundleWorker(entry: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['module', 'main'],
    target: 'esnext',
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

/** Starts a Worker, which ends with its test. */
export async function openWorkerd(entry: URL, options: WorkerdOptions = {}): Promise<Workerd> {
  const contents = await bundleWorker(entry)
  const lines: string[] = []
  const folder = mkdtempSync(join(tmpdir(), 'isobar-workerd-'))
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      compatibilityDate: COMPATIBILITY_DATE,
      cf: false,
      log: new Log(LogLevel.NONE),
      defaultPersistRoot: folder,
      handleStructuredLogs: ({ message }: { readonly message: string }) => lines.push(message),
      ...options,
      name: 'subject',
      modules: [{ type: 'ESModule', path: 'worker.js', contents }],
    }),
  )
  onTestFinished(async () => {
    await miniflare.dispose()
    rmSync(folder, { recursive: true, force: true })
  })
  await miniflare.ready
  return {
    miniflare,
    lines,
    async dispatch(queue, messages) {
      const worker = await miniflare.getWorker('subject')
      return (await worker.queue(queue, messages as Parameters<typeof worker.queue>[1])) as unknown as BatchResult
    },
    async ask(path, body) {
      const response = await miniflare.dispatchFetch(`http://subject${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`)
      return JSON.parse(text)
    },
  }
}
