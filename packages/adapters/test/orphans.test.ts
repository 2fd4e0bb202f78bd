import { expect, test } from 'vitest'
import { openSupervisor, type Supervisor } from './isolates/supervisor.ts'
import { gone } from './processes.ts'

/** How long orphans may live, in ms. */
const ORPHANS_MS = 5_000

const LOOPS = Array.from({ length: 4 }, (_, n) => ({ name: `loop-${n}`, until: 'loop' as const }))

/** Both isolates in an endless loop: each has one of the first two jobs. */
async function loop({ worker, send }: Supervisor): Promise<void> {
  await send(LOOPS)
  while (worker.lines.filter((line) => line.startsWith('started loop')).length < 2)
    await new Promise((resolve) => setTimeout(resolve, 20))
}

const guardianOf = ({ children }: Supervisor) => children().find(({ command }) => command.includes('guardian-main'))

/** Kills the supervisor; answers with those that it leaves behind for too long. */
async function orphan({ worker, children }: Supervisor): Promise<readonly string[]> {
  const own = children()
  expect(own.length).toBeGreaterThanOrEqual(3)
  worker.kill('SIGKILL')
  await worker.exit
  const left = await gone(
    own.map(({ pid }) => pid),
    ORPHANS_MS,
  )
  for (const pid of left) process.kill(pid, 'SIGKILL')
  return own.filter(({ pid }) => left.includes(pid)).map(({ command }) => command)
}

test('a supervisor is killed while its isolates are idle: none is left', async () => {
  const supervisor = await openSupervisor()
  await supervisor.settled()
  expect(await orphan(supervisor)).toEqual([])
})

test('while they are in endless loops', async () => {
  const supervisor = await openSupervisor()
  await supervisor.settled()
  await loop(supervisor)
  expect(await orphan(supervisor)).toEqual([])
})

test('while they are stopped', async () => {
  const supervisor = await openSupervisor()
  for (const { pid } of await supervisor.settled()) if (pid) process.kill(pid, 'SIGSTOP')
  expect(await orphan(supervisor)).toEqual([])
})

test('while they load', async () => {
  const supervisor = await openSupervisor()
  expect(await orphan(supervisor)).toEqual([])
})

test('after their guardian was killed: there is another', async () => {
  const supervisor = await openSupervisor()
  await supervisor.settled()
  const first = guardianOf(supervisor)
  expect(first).toBeDefined()
  process.kill(first?.pid ?? 0, 'SIGKILL')
  await loop(supervisor)
  for (let next = first; !next || next.pid === first?.pid; next = guardianOf(supervisor))
    await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await orphan(supervisor)).toEqual([])
})
