import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createMemoryAdmin } from '../../../test/memory-admin.ts'
import { serveApi } from './api-server.ts'
import { connectFolder } from './connect-folder.ts'
import { lockFolder } from './folder-lock.ts'
import { findLock, LOCK_FILE } from './lock-record.ts'

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-connect-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function serve(token: string) {
  const api = await serveApi(createMemoryAdmin(), { token })
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api
}

test('a folder that nobody has open gives no connection', async () => {
  const folder = await makeFolder()
  expect(await connectFolder(folder)).toBeUndefined()
  expect(await connectFolder(join(folder, 'none'))).toBeUndefined()
  const lock = await lockFolder(folder)
  await lock[Symbol.asyncDispose]()
  expect(await connectFolder(folder)).toBeUndefined()
})

test('an engine is connected to through its lock, also one that is just opening', async () => {
  const folder = await makeFolder()
  const lock = await lockFolder(folder)
  onTestFinished(() => lock[Symbol.asyncDispose]())
  const connecting = connectFolder(folder)
  const api = await serve(lock.token)
  await lock.publish(api.address)
  const engine = await connecting
  expect(engine).toMatchObject({ name: 'memory', pid: process.pid })
  await engine?.[Symbol.asyncDispose]()
})

test('an engine that does not open, or does not answer, is an error', async () => {
  const folder = await makeFolder()
  const lock = await lockFolder(folder)
  onTestFinished(() => lock[Symbol.asyncDispose]())
  await expect(connectFolder(folder, { openingMs: 0 })).rejects.toMatchObject({
    code: 'API_UNREACHABLE',
    message: expect.stringContaining(`process ${process.pid}`),
  })
  const api = await serve(lock.token)
  await lock.publish(api.address)
  await api[Symbol.asyncDispose]()
  await expect(connectFolder(folder)).rejects.toMatchObject({ code: 'API_UNREACHABLE' })
})

test('an engine of another host is not called', async () => {
  const folder = await makeFolder()
  const lock = await lockFolder(folder)
  const found = await findLock(lock.path)
  await lock[Symbol.asyncDispose]()
  const elsewhere = { ...found?.record, host: 'elsewhere', boot: 'another', address: 'http://127.0.0.1:1' }
  await writeFile(join(folder, LOCK_FILE), JSON.stringify(elsewhere))
  await expect(connectFolder(folder)).rejects.toMatchObject({ code: 'FOLDER_LOCKED' })
})
