import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { whyNotPostgres } from './find-postgres.ts'
import { startServer } from './postgres-server.ts'

const OWNER = fileURLToPath(new URL('fixtures/owner.ts', import.meta.url))

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows
  } finally {
    await client.end()
  }
}

test('it can be stopped both ways and started again on its data, twice is fine, and is gone when disposed', async () => {
  const server = await startServer()
  const { url, folder } = server
  await query(url, 'create table kept as select 42 as n')
  for (const mode of ['fast', 'immediate'] as const) {
    await server.stop(mode)
    await server.stop(mode)
    expect(server.pid).toBeUndefined()
    expect(await whyNotPostgres(url)).toMatchObject({ code: 'ECONNREFUSED' })
    await server.start()
    await server.start()
    expect(await query(url, 'select n from kept')).toEqual([[42]])
  }
  await server[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  expect(await whyNotPostgres(url)).toMatchObject({ code: 'ECONNREFUSED' })
  expect(existsSync(folder)).toBe(false)
})

test('it ends with its owner, also when that is killed', async () => {
  const owner = spawn(process.execPath, [OWNER], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(createInterface({ input: owner.stdout }), 'line')
  const { url, folder } = JSON.parse(line)
  expect(await whyNotPostgres(url)).toBeUndefined()
  owner.kill('SIGKILL')
  // The pipe is the keeper's too: it closes when that has ended.
  await once(owner, 'close')
  expect(await whyNotPostgres(url)).toMatchObject({ code: 'ECONNREFUSED' })
  expect(existsSync(folder)).toBe(false)
})

test('what a killed keeper left behind is removed by the next', async () => {
  const ended = spawn('true')
  await once(ended, 'close')
  const leftover = join(tmpdir(), `isobar-postgres-${ended.pid}-left`)
  const other = join(tmpdir(), `isobar-postgres-${process.pid}-kept`)
  for (const folder of [leftover, other]) mkdirSync(folder)
  onTestFinished(() => rmdirSync(other))
  await using server = await startServer()
  expect(server.pid).toBeGreaterThan(0)
  expect([existsSync(leftover), existsSync(other)]).toEqual([false, true])
})
