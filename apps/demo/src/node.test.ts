import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'

const script = fileURLToPath(new URL('./node.ts', import.meta.url))
const children: ChildProcessByStdio<null, Readable, Readable>[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function run(...args: string[]) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  children.push(child)
  const text = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    text.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    text.err += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...text }))
  const until = async (pattern: RegExp) => {
    while (!pattern.test(text.out)) await once(child.stdout, 'data')
  }
  return { child, ended, until }
}

test('a run ends by itself with a summary and exit code 0', async () => {
  const { code, out, err } = await run('--jobs', '300').ended
  expect(err).toBe('')
  expect(code).toBe(0)
  expect(out).toMatch(/300 of 300 jobs in/)
  expect(out).toMatch(/dead letters +5 +exhausted 1, invalid 2, unknown 1, unrecoverable 1/)
  expect(out).toContain('as foreseen')
  expect(out).toMatch(/median duration .* ms .* ms/)
  expect(out).toMatch(/[▁▂▃▄▅▆▇█]{2}/)
})

test('SIGINT drains and tells what was done', async () => {
  const { child, ended, until } = run('--jobs', '100000')
  await until(/of 100,\d+ jobs/)
  child.kill('SIGINT')
  const { code, out, err } = await ended
  expect(err).toBe('')
  expect(code).toBe(0)
  expect(out).toContain('not complete: the run was ended early')
})

test('--help tells the options', async () => {
  expect(await run('--help').ended).toMatchObject({ code: 0, out: expect.stringContaining('--concurrency') })
})

test('a command line that cannot be understood ends with exit code 2 and says why', async () => {
  expect(await run('--jobs', 'many').ended).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('--jobs many must be a whole number'),
  })
})
