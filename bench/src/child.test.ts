import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runChild } from './child.ts'

const { signal } = new AbortController()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-bench-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function write(name: string, code: string): Promise<URL> {
  const file = join(folder, name)
  await writeFile(file, code)
  return pathToFileURL(file)
}

test('it answers with what the process printed, and passes flags on', async () => {
  const module = await write('flags.mjs', 'console.log(JSON.stringify(process.execArgv))')
  expect(await runChild(module, { flags: ['--no-opt'], signal })).toEqual(['--no-opt'])
})

test('a process that fails or prints no JSON is an error', async () => {
  const fails = await write('fails.mjs', "throw new Error('no such thing')")
  const silent = await write('silent.mjs', '')
  await expect(runChild(fails, { signal })).rejects.toThrow('no such thing')
  await expect(runChild(silent, { signal })).rejects.toThrow(SyntaxError)
})

test('an abort ends the process', async () => {
  const stop = new AbortController()
  const module = await write('waits.mjs', 'setInterval(() => {}, 1_000)')
  const ended = runChild(module, { signal: stop.signal })
  stop.abort()
  await expect(ended).rejects.toThrow(/abort/)
})
