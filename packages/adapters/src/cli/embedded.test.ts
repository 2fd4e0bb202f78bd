import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { type CliRun, type CliWorker, runCli, runCliHere, startCliWorker } from '../../test/run-cli.ts'

const APP = fileURLToPath(new URL('../../test/fixtures/cli-app.ts', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'isobar-embedded-')), 'data')
  return () => rm(join(folder, '..'), { recursive: true })
})

const run = (...args: string[]): Promise<CliRun> => runCli(args, { env: { ISOBAR_FOLDER: folder } })

async function work(): Promise<CliWorker> {
  const worker = await startCliWorker([APP, '--retain', '1h'], { ISOBAR_FOLDER: folder })
  onTestFinished(async () => void (await worker.end('SIGKILL')))
  return worker
}

/** Goes through the engine that a worker has open, so that this process opens none. */
const ask = (...args: string[]): Promise<CliRun> => runCliHere(args, { env: { ISOBAR_FOLDER: folder } })

async function isDone(id: string): Promise<void> {
  while (!(await ask('jobs', 'show', id)).out.includes('state     done')) {}
}

test('a folder serves one process, and the command beside it, whatever becomes of that process', {
  timeout: 240_000,
}, async () => {
  // Nothing is made but by migrate.
  const missing = await run('stats')
  expect(missing).toMatchObject({ code: 3, err: expect.stringMatching(/NOT_FOUND: folder .* holds no engine/) })
  expect((await run('migrate')).out).toMatch(/^tables brought from version 0 to \d+\n$/)
  expect(await readdir(folder)).toEqual(['data'])

  // Nobody has it open: the command opens it. Two at once take turns.
  const both = await Promise.all([
    run('enqueue', 'work', '--queue', 'work', '--id', 'one'),
    run('enqueue', 'work', '--queue', 'work', '--id', 'two', '--data', '{}'),
  ])
  expect(both.map(({ code, err }) => [code, err])).toEqual([
    [0, ''],
    [0, ''],
  ])

  // A worker has it open: the command goes through it, and a second worker is told whom to stop.
  const [worker, during] = await Promise.all([work(), run('stats')])
  expect(during).toMatchObject({ code: 0, err: '' })
  expect(worker.said).toMatch(/takes jobs of work from broker embedded/)
  await isDone('two')
  const second = await run('worker', APP)
  expect(second).toMatchObject({ code: 1, err: expect.stringMatching(`FOLDER_LOCKED: .* process ${worker.pid} `) })
  expect((await ask('migrate')).out).toMatch(/^the tables are up to date/)

  // Killed, it leaves a lock that is nobody's, and all that it had acknowledged.
  expect(await worker.end('SIGKILL')).toBe('SIGKILL')
  expect(await readdir(folder)).toContain('isobar.lock')
  expect(await run('jobs', 'show', 'two')).toMatchObject({ code: 0, out: expect.stringContaining('state     done') })
  expect(await readdir(folder)).toEqual(['data'])
})
