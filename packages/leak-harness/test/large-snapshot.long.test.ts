import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import { fixture } from './run-cli.ts'

const run = promisify(execFile)

it('a snapshot of more bytes than a string can have is judged within 2 GB', async ({ onTestFinished }) => {
  const folder = await mkdtemp(join(tmpdir(), 'large-snapshot-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'large.heapsnapshot')
  await run(process.execPath, ['--max-old-space-size=4096', fixture('large/make-heap.ts'), file])
  const { stdout } = await run(process.execPath, [fixture('large/judge-heap.ts'), file])
  const { mb, nodes, entries, steps, seconds, rssMb } = JSON.parse(stdout) as Record<string, number>
  expect(entries).toBe(1_900_000)
  expect(mb).toBeGreaterThan(540)
  expect(steps).toBeGreaterThan(0)
  expect(rssMb).toBeLessThan(2_048)
  recordFigure(
    `Leak harness: a heap snapshot of ${mb?.toFixed(0)} MB (${nodes?.toLocaleString('en')} nodes), read, searched and grouped`,
    `${seconds?.toFixed(1)} s, ${rssMb?.toFixed(0)} MB`,
  )
})
