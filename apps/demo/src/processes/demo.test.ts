import { expect, test } from 'vitest'
import { createEngineFolder } from '../../test/folder.ts'
import type { Fate } from '../fate.ts'
import { createTrace } from '../trace.ts'
import { startDemo } from './demo.ts'
import { toPicture } from './screen.ts'
import { toSummary } from './summary.ts'

/** Messages that are handed over for a job and what follows from it. */
function toMails(fate: Fate): number {
  if (fate.kind === 'warm-up') return fate.type === 'engagement' ? 0 : 1 + fate.follow
  return Number(fate.kind === 'send' || fate.kind === 'busy')
}

test('every job of a trace comes to the end that is meant for it, over real SMTP', async () => {
  const options = { place: { kind: 'memory' }, jobs: 500, concurrency: 8, seed: 3, fresh: false } as const
  const trace = createTrace(options)
  let stops = 0
  const demo = await startDemo(options, { signals: false, onStop: () => stops++ })
  try {
    await demo.finished
  } finally {
    await demo.stop()
  }
  await demo.stop()
  expect(stops).toBe(1)

  const status = demo.status()
  expect(status.ledger).toEqual(trace.expected)
  expect(status.ended).toBe(trace.jobs + trace.followUps)
  const delivered = Array.from({ length: trace.jobs }, (_, index) => toMails(trace.fateOf(index)))
  expect(status.mail.messages).toBe(delivered.reduce((sum, count) => sum + count, 0))
  expect(status.deadNotes.map(({ reason }) => reason).sort()).toEqual(
    Object.entries(trace.expected.dead)
      .flatMap(([reason, count]) => Array.from({ length: count }, () => reason))
      .sort(),
  )

  expect(status.memory.length).toBeGreaterThan(3)
  expect(status.memory.every(({ bytes }) => bytes > 1e6)).toBe(true)
  expect(status.ends.first.medianMs).toBeGreaterThan(0)
  expect(toSummary(status)).toContain('as foreseen')
  expect(toPicture(status, 80).join('\n')).toContain('memory')
})

test('the same on the embedded engine, with the platform’s tables beside the jobs', async () => {
  await using folder = await createEngineFolder()
  const place = { kind: 'embedded', folder: folder.path } as const
  const trace = createTrace({ jobs: 260 })
  const demo = await startDemo({ place, jobs: 260, concurrency: 8, fresh: false }, { signals: false })
  try {
    await demo.finished
  } finally {
    await demo.stop()
  }
  const status = demo.status()
  expect(status.ledger).toEqual(trace.expected)
  expect(status).toMatchObject({ starts: 1, endedBefore: 0, ended: trace.jobs + trace.followUps, goesOn: true })
  expect(toSummary(status)).toContain('as foreseen')
}, 120_000)

test('a run that is stopped early drains, and says that it is not complete', async () => {
  const demo = await startDemo(
    { place: { kind: 'memory' }, jobs: 5_000, concurrency: 4, fresh: false },
    { signals: false },
  )
  await demo.stop()
  expect(demo.status().ended).toBeLessThan(5_000)
  expect(toSummary(demo.status())).toContain('not complete')
})
