import type { JobStatus } from '@isobar/core'
import { expect } from 'vitest'
import { gone } from '../processes.ts'
import type { RuntimeName } from '../runtimes.ts'
import { type IsolateCase, pause } from './cases.ts'
import { openSupervisor, type Supervisor } from './supervisor.ts'

/** Sends signals to the whole group, one after the other has been heard; answers what came of it. */
async function end({ worker, children }: Supervisor, ...signals: NodeJS.Signals[]) {
  const own = children().map(({ pid }) => pid)
  const at = performance.now()
  for (const signal of signals) {
    worker.killGroup(signal)
    await worker.said('drain')
  }
  const exit = await worker.exit
  const ms = performance.now() - at
  return { exit, ms, left: await gone(own, 2_000), said: worker.lines.at(-1) }
}

const standing = (status: JobStatus | undefined): string =>
  status ? `${status.state} ${status.attempt} ${status.crashes}` : 'not known'

async function drain(runtime: RuntimeName, signal: NodeJS.Signals): Promise<void> {
  const supervisor = await openSupervisor({ runtime })
  const { broker, send, worker, started } = supervisor
  await supervisor.settled()
  // Tiny jobs first, so that isolates are sent more than they can start.
  const tiny = await send(Array.from({ length: 200 }, (_, n) => ({ name: `tiny-${n}` })))
  while ((await broker.get(tiny.at(-1) ?? ''))?.state !== 'done') await pause(10)
  const ids = await send(Array.from({ length: 40 }, (_, n) => ({ name: String(n), ms: 700 })))
  await started(4)
  await pause(100)
  expect(await end(supervisor, signal)).toMatchObject({ exit: 0, left: [], said: 'stopped aborted=0 unsettled=0' })
  const names = (await started(4)).map(({ name }) => name)
  expect(worker.lines.filter((line) => line.startsWith('ended'))).toHaveLength(names.length)
  for (const [n, id] of ids.entries())
    expect(standing(await broker.get(id))).toBe(names.includes(String(n)) ? 'done 1 0' : 'queued 1 0')
}

async function endAtOnce(runtime: RuntimeName, until: 'wait' | 'loop'): Promise<void> {
  const supervisor = await openSupervisor({ runtime })
  await supervisor.send(Array.from({ length: 4 }, (_, n) => ({ name: String(n), until })))
  await supervisor.started(until === 'loop' ? 2 : 4)
  const ended = await end(supervisor, 'SIGINT', 'SIGTERM')
  expect(ended).toMatchObject({ exit: 143, left: [] })
  expect(ended.ms).toBeLessThan(2_000)
}

/** Of a supervisor that is asked to stop. */
export const DRAIN_CASES = {
  sigterm: {
    name: 'SIGTERM to the group: what runs ends, the rest goes back uncharged',
    run: (runtime) => drain(runtime, 'SIGTERM'),
  },
  sigint: {
    name: 'SIGINT to the group: what runs ends, the rest goes back uncharged',
    run: (runtime) => drain(runtime, 'SIGINT'),
  },
  deadline: {
    name: 'at the deadline jobs are aborted and go back uncharged',
    async run(runtime) {
      const supervisor = await openSupervisor({ grace: 300, runtime })
      const { broker, send } = supervisor
      const ids = await send(Array.from({ length: 4 }, (_, n) => ({ name: String(n), until: 'wait' as const })))
      await supervisor.started(4)
      const ended = await end(supervisor, 'SIGTERM')
      expect(ended).toMatchObject({ exit: 0, left: [], said: 'stopped aborted=4 unsettled=0' })
      expect(ended.ms).toBeLessThan(3_000)
      for (const id of ids) expect(standing(await broker.get(id))).toBe('queued 1 0')
    },
  },
  secondWaiting: {
    name: 'a second signal ends it at once while its jobs are waiting',
    run: (runtime) => endAtOnce(runtime, 'wait'),
  },
  secondLooping: {
    name: 'a second signal ends it at once while its jobs are in endless loops',
    run: (runtime) => endAtOnce(runtime, 'loop'),
  },
  deadlineLooping: {
    name: 'isolates in endless loops are ended at the deadline; their jobs are suspects, uncharged',
    async run(runtime) {
      const supervisor = await openSupervisor({ grace: 500, runtime })
      const { broker, send } = supervisor
      await supervisor.settled()
      const ids = await send(Array.from({ length: 4 }, (_, n) => ({ name: String(n), until: 'loop' as const })))
      const names = (await supervisor.started(2)).map(({ name }) => name)
      const ended = await end(supervisor, 'SIGTERM')
      expect(ended).toMatchObject({ exit: 0, left: [] })
      expect(ended.ms).toBeLessThan(6_000)
      for (const [n, id] of ids.entries())
        expect(standing(await broker.get(id))).toBe(names.includes(String(n)) ? 'queued 1 1' : 'queued 1 0')
    },
  },
  stopped: {
    name: 'isolates that are stopped cannot hold up the end',
    async run(runtime) {
      const supervisor = await openSupervisor({ runtime })
      for (const { pid } of await supervisor.settled()) if (pid) process.kill(pid, 'SIGSTOP')
      const ended = await end(supervisor, 'SIGTERM')
      expect(ended).toMatchObject({ exit: 0, left: [], said: 'stopped aborted=0 unsettled=0' })
      expect(ended.ms).toBeLessThan(8_000)
    },
  },
} satisfies Readonly<Record<string, IsolateCase>>
