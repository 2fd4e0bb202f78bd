import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Broker, Delivery } from '@isobar/core'
import { expect } from 'vitest'
import { serveApi } from '../src/postgres/embedded/api-server.ts'
import { lockFolder } from '../src/postgres/embedded/folder-lock.ts'
import { createMemoryAdmin } from './memory-admin.ts'
import { type CliOptions, type CliRun, runCliHere } from './run-cli.ts'

/**
 * A folder whose engine is the memory broker of this process. The command comes to it by the folder's lock and the local
 * API, as to any engine in use.
 */
export interface ServedFolder extends AsyncDisposable {
  readonly folder: string
  readonly broker: Broker
  /** Runs the command on it. */
  isobar(
    args: readonly string[],
    options?: CliOptions & { readonly ask?: (question: string) => string },
  ): Promise<CliRun>
  run(...args: string[]): Promise<CliRun>
  /** Runs the command with `--json`; it must succeed, and say nothing else. */
  toJson(...args: string[]): Promise<unknown>
  /** Enqueues jobs into the queue `email`. */
  enqueue(...ids: string[]): Promise<void>
  /** Takes jobs from there, as worker-1. */
  take(max: number): Promise<readonly Delivery[]>
  /** Makes dead letters there. */
  bury(...ids: string[]): Promise<void>
}

export async function serveFolder(): Promise<ServedFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-cli-'))
  const lock = await lockFolder(folder)
  const broker = createMemoryAdmin()
  const api = await serveApi(broker, lock)
  await lock.publish(api.address)
  const served: ServedFolder = {
    folder,
    broker,
    isobar: (args, options) => runCliHere([...args, '--folder', folder], options),
    run: (...args) => served.isobar(args),
    async toJson(...args) {
      const { code, out, err } = await served.run(...args, '--json')
      expect({ code, err }).toEqual({ code: 0, err: '' })
      return JSON.parse(out)
    },
    async enqueue(...ids) {
      const spec = { name: 'email.send', queue: 'email', priority: 'normal', text: '1', delayMs: 0 } as const
      await broker.send(ids.map((id) => ({ ...spec, id })))
    },
    take(max) {
      const want = { queues: [{ name: 'email', max }], max, leaseMs: 60_000, workerId: 'worker-1', waitMs: 0 }
      return broker.receive({ ...want, signal: new AbortController().signal })
    },
    async bury(...ids) {
      await served.enqueue(...ids)
      const error = Object.assign(new Error('refused\n\u001b[31mby the server'), { code: 'SMTP' })
      const outcome = { kind: 'dead', reason: 'exhausted', error } as const
      const taken = await served.take(ids.length)
      await broker.settle(taken.map((delivery) => ({ delivery, outcome, endedAt: Date.now() })))
    },
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]()
      await lock[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
  return served
}
