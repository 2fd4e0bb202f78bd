import type { JobStatus } from '@isobar/core'
import { expect, test } from 'vitest'
import { openSupervisor, type Supervisor } from './isolates/supervisor.ts'
import { gone } from './processes.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Sends a signal to the whole group; answers what came of it. */
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

async function started({ worker }: Supervisor, count: number): Promise<string[]> {
  const lines = () => worker.lines.filter((line) => line.startsWith('started'))
  while (lines().length < count) await pause(10)
  return lines().map((line) => line.slice('started '.length))
}

const standing = (status: JobStatus | undefined): string =>
  status ? `${status.state} ${status.attempt} ${status.crashes}` : 'not known'

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to the group: what runs ends, the rest goes back uncharged',
  async (signal) => {
    const supervisor = await openSupervisor()
    const { broker, send, worker } = supervisor
    await supervisor.settled()
    // Tiny jobs first, so that isolates are sent more than they can start.
    const tiny = await send(Array.from({ length: 200 }, (_, n) => ({ name: `tiny-${n}` })))
    while ((await broker.get(tiny.at(-1) ?? ''))?.state !== 'done') await pause(10)
    const ids = await send(Array.from({ length: 40 }, (_, n) => ({ name: String(n), ms: 700 })))
    await started(supervisor, 4)
    await pause(100)
    expect(await end(supervisor, signal)).toMatchObject({
      exit: 0,
      left: [],
      said: 'stopped aborted=0 unsettled=0',
    })
    const names = await started(supervisor, 4)
    expect(worker.lines.filter((line) => line.startsWith('ended'))).toHaveLength(names.length)
    for (const [n, id] of ids.entries())
      expect(standing(await broker.get(id))).toBe(names.includes(String(n)) ? 'done 1 0' : 'queued 1 0')
  },
)

test('at the deadline jobs are aborted and go back uncharged', async () => {
  const supervisor = await openSupervisor({ grace: 300 })
  const { broker, send } = supervisor
  const ids = await send(Array.from({ length: 4 }, (_, n) => ({ name: String(n), until: 'wait' as const })))
  await started(supervisor, 4)
  const ended = await end(supervisor, 'SIGTERM')
  expect(ended).toMatchObject({ exit: 0, left: [], said: 'stopped aborted=4 unsettled=0' })
  expect(ended.ms).toBeLessThan(3_000)
  for (const id of ids) expect(standing(await broker.get(id))).toBe('queued 1 0')
})

test.each([
  ['waiting', 'wait', 143],
  ['in endless loops', 'loop', 143],
] as const)('a second signal ends it at once while its jobs are %s', async (_, until, code) => {
  const supervisor = await openSupervisor()
  await supervisor.send(Array.from({ length: 4 }, (_, n) => ({ name: String(n), until })))
  await started(supervisor, until === 'loop' ? 2 : 4)
  const ended = await end(supervisor, 'SIGINT', 'SIGTERM')
  expect(ended).toMatchObject({ exit: code, left: [] })
  expect(ended.ms).toBeLessThan(2_000)
})

test('isolates in endless loops are ended at the deadline; their jobs are suspects, uncharged', async () => {
  const supervisor = await openSupervisor({ grace: 500 })
  const { broker, send } = supervisor
  await supervisor.settled()
  const ids = await send(Array.from({ length: 4 }, (_, n) => ({ name: String(n), until: 'loop' as const })))
  const names = await started(supervisor, 2)
  const ended = await end(supervisor, 'SIGTERM')
  expect(ended).toMatchObject({ exit: 0, left: [] })
  expect(ended.ms).toBeLessThan(6_000)
  for (const [n, id] of ids.entries())
    expect(standing(await broker.get(id))).toBe(names.includes(String(n)) ? 'queued 1 1' : 'queued 1 0')
})

test('isolates that are stopped cannot hold up the end', async () => {
  const supervisor = await openSupervisor()
  for (const { pid } of await supervisor.settled()) if (pid) process.kill(pid, 'SIGSTOP')
  const ended = await end(supervisor, 'SIGTERM')
  expect(ended).toMatchObject({ exit: 0, left: [], said: 'stopped aborted=0 unsettled=0' })
  expect(ended.ms).toBeLessThan(8_000)
})
