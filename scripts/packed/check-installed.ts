import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Installed } from './install.ts'
import type { Manager } from './managers.ts'
import { runQuietly } from './run-quietly.ts'

/** The commands of the packages, and what their help begins with. */
const BINS = [
  { name: 'isobar', packageName: '@isobar/adapters', help: /^isobar: background jobs/ },
  { name: 'leak-harness', packageName: '@isobar/leak-harness', help: /^Replays a module's jobs/ },
] as const

/** A worker that takes longer is stuck. It takes some seconds. */
const DEADLINE_MS = 60_000

/** What the worker of `fixtures/` prints when all jobs are settled. */
interface Report {
  readonly ledger: readonly string[]
  readonly isolates: number
}

/**
 * Runs the worker that is installed, on the database in its folder: each of the 100 jobs has one outcome, from two
 * isolates, and a SIGTERM then ends it with exit code 0.
 * @throws {AssertionError}
 */
export async function checkWorker({ run: [program, ...args] }: Manager, { folder, env }: Installed): Promise<void> {
  const worker = spawn(program, [...args, 'worker.ts'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  })
  const errors = text(worker.stderr)
  const ended = once(worker, 'close')
  let report: Report | undefined
  for await (const line of createInterface({ input: worker.stdout })) {
    report = JSON.parse(line)
    worker.kill('SIGTERM')
  }
  const [code, signal] = await ended
  ok(report, `the worker ended without a report: exit code ${code}\n${await errors}`)
  deepEqual({ code, signal, errors: await errors }, { code: 0, signal: null, errors: '' })
  const kinds = report.ledger.map((entry) => entry.split(' ')[0])
  equal(new Set(report.ledger.map((entry) => entry.split(' ')[1])).size, 100)
  deepEqual([kinds.filter((kind) => kind === 'ack').length, kinds.filter((kind) => kind === 'dead').length], [90, 10])
  equal(report.isolates, 2)
}

/**
 * Runs the commands that are installed: their help, and `isobar stats` on what a worker left behind.
 * @throws {AssertionError}
 */
export async function checkBins(manager: Manager, { folder: cwd, env }: Installed): Promise<void> {
  for (const { name, packageName, help } of BINS) {
    const [program, ...args] = manager.bin(name, packageName)
    match(await runQuietly([program, ...args, '--help'], { cwd, env }), help)
  }
  const [program, ...args] = manager.bin('isobar', '@isobar/adapters')
  const stats = await runQuietly([program, ...args, 'stats', '--folder', 'jobs', '--json'], { cwd, env })
  const [queue] = JSON.parse(stats).queues
  deepEqual([queue.ready, queue.active, queue.dead], [0, 0, 10])
}
