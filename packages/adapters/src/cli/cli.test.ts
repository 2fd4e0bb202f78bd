import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { beforeEach, expect, test } from 'vitest'
import { CLI, cleanEnv, runCli } from '../../test/run-cli.ts'
import { type ServedFolder, serveFolder } from '../../test/served-folder.ts'

let at: ServedFolder
beforeEach(async () => {
  at = await serveFolder()
  return () => at[Symbol.asyncDispose]()
})

test('queues are paused and resumed', async () => {
  expect((await at.run('queue', 'pause', 'email')).out).toBe('paused email; jobs that run go on\n')
  expect(await at.broker.stats(['email'])).toMatchObject([{ paused: true }])
  expect(await at.toJson('queue', 'resume', 'email')).toEqual({ queue: 'email', paused: false })
})

test('the tables of an engine in use are brought up to date by it', async () => {
  expect(await at.toJson('migrate')).toEqual({ from: 3, to: 3 })
  expect((await at.run('migrate')).out).toBe('the tables are up to date, at version 3\n')
})

test('an engine in use has a schema of its own', async () => {
  expect(await at.run('stats', '--schema', 'other')).toMatchObject({
    code: 2,
    err: expect.stringContaining(`process ${process.pid} has the folder open`),
  })
})

test('the folder can come from the environment, and be relative to where a package manager was called', async () => {
  const env = { ISOBAR_FOLDER: '.', INIT_CWD: at.folder }
  expect(await runCli(['queue', 'pause', 'email'], { env })).toMatchObject({ code: 0 })
})

test('whoever stops reading hears no complaint', async () => {
  await at.bury(...Array.from({ length: 1_000 }, (_, at) => `job-${at}`))
  const child = spawn(process.execPath, [CLI, 'dead', 'list', '--limit', '1000', '--json', '--folder', at.folder], {
    env: cleanEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const errors = text(child.stderr)
  await once(child.stdout, 'data')
  child.stdout.destroy()
  expect(await once(child, 'close')).toEqual([0, null])
  expect(await errors).toBe('')
})

test('help and version go to standard output; what is not understood is one line on standard error', async () => {
  expect(await runCli(['--help'])).toMatchObject({ code: 0, err: '', out: expect.stringContaining('isobar COMMAND') })
  expect(await runCli(['dead', 'list', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--cursor') })
  expect(await runCli(['--version'])).toEqual({ code: 0, err: '', out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  expect(await runCli(['stats'])).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/^isobar: USAGE: .*\n$/),
  })
})

test('what goes wrong can be looked into', async () => {
  const { code, err } = await runCli(['stats'], { env: { ISOBAR_DEBUG: '1' } })
  expect(code).toBe(2)
  expect(err).toContain('at toPlace')
})
