import { chmod, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { launchLocker, leaveStaleLock, makeFolder, readLock, refusalOf } from '../../../test/lock-process.ts'
import { lockFolder } from './folder-lock.ts'
import { LOCK_FILE } from './lock-record.ts'

/** Where start times, boots and pid namespaces can be told. */
const LINUX = process.platform === 'linux'

const write = (folder: string, record: object | string): Promise<void> =>
  writeFile(join(folder, LOCK_FILE), typeof record === 'string' ? record : JSON.stringify(record))

describe('a free folder', () => {
  test('is locked by a file of mode 0600 that says who holds it, and free again once disposed', async () => {
    const folder = join(await makeFolder(), 'made', 'for it')
    const lock = await lockFolder(folder)
    expect((await stat(lock.path)).mode & 0o777).toBe(0o600)
    expect(await readLock(folder)).toMatchObject({ pid: process.pid, token: lock.token, host: expect.any(String) })
    expect(lock.token).toMatch(/^[0-9a-f]{64}$/)
    await Promise.all([lock[Symbol.asyncDispose](), lock[Symbol.asyncDispose]()])
    await lock[Symbol.asyncDispose]()
    expect(await readdir(folder)).toEqual([])
    await (await lockFolder(folder))[Symbol.asyncDispose]()
  })

  test('has the address of the API in its lock once it is published', async () => {
    const folder = await makeFolder()
    const lock = await lockFolder(folder)
    await lock.publish('http://127.0.0.1:4000')
    await lock.publish('http://127.0.0.1:4001')
    expect(await readLock(folder)).toMatchObject({ address: 'http://127.0.0.1:4001', token: lock.token })
    expect((await stat(lock.path)).mode & 0o777).toBe(0o600)
    expect(await refusalOf(folder)).toMatchObject({ address: 'http://127.0.0.1:4001' })
    await lock[Symbol.asyncDispose]()
    expect(await readdir(folder)).toEqual([])
  })

  test('that cannot be written to is an error that says so', async () => {
    const folder = await makeFolder()
    const file = join(folder, 'file')
    await writeFile(file, '')
    await chmod(file, 0o400)
    await expect(lockFolder(file)).rejects.toMatchObject({
      code: 'FOLDER_LOCK',
      message: expect.stringContaining(file),
    })
  })
})

describe('a held folder', () => {
  test('is refused to this process, which has it open already', async () => {
    const folder = await makeFolder()
    const lock = await lockFolder(folder)
    onTestFinished(() => lock[Symbol.asyncDispose]())
    expect(await refusalOf(folder)).toMatchObject({
      code: 'FOLDER_LOCKED',
      folder,
      pid: process.pid,
      message: expect.stringContaining('already open in this process'),
    })
    expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([])
  })

  test('is refused to others, with whom to stop and how to go on', async () => {
    const folder = await makeFolder()
    const holder = await launchLocker(folder)
    await holder.ask('lock')
    const error = await refusalOf(folder)
    expect(error).toMatchObject({ code: 'FOLDER_LOCKED', pid: holder.pid })
    expect(error.message).toContain(`process ${holder.pid}`)
    expect(error.message).toContain('--folder')
    expect(error.message).not.toContain((await readLock(folder)).token)
    expect(await holder.ask('release')).toEqual({ released: true })
    await (await lockFolder(folder))[Symbol.asyncDispose]()
  })

  test('is waited for while its holder serves no API, which may have it for a moment only', async () => {
    const folder = await makeFolder()
    const other = await launchLocker(folder, 20_000)
    const first = await lockFolder(folder)
    const waiting = other.ask('lock')
    await first[Symbol.asyncDispose]()
    expect(await waiting).toEqual({ locked: true })
    await other.ask('release')
    const second = await lockFolder(folder)
    onTestFinished(() => second[Symbol.asyncDispose]())
    const refused = other.ask('lock')
    await second.publish('http://127.0.0.1:4000')
    expect(await refused).toMatchObject({ code: 'FOLDER_LOCKED', pid: process.pid })
  })

  test('is left alone by a holder whose lock was removed by hand and taken by another', async () => {
    const folder = await makeFolder()
    const first = await lockFolder(folder)
    await rm(first.path)
    await expect(first.publish('http://127.0.0.1:4000')).rejects.toMatchObject({ code: 'FOLDER_LOCK' })
    const second = await lockFolder(folder)
    await expect(first.publish('http://127.0.0.1:4000')).rejects.toThrow(/no longer ours/)
    await first[Symbol.asyncDispose]()
    expect(await readLock(folder)).toMatchObject({ token: second.token })
    await second[Symbol.asyncDispose]()
  })
})

describe('a lock whose holder cannot be seen', () => {
  test('of another host is never taken over, and the error says how to remove it by hand', async () => {
    const folder = await makeFolder()
    const stale = await leaveStaleLock(folder)
    await write(folder, { ...stale, host: 'elsewhere', boot: 'another' })
    expect(await refusalOf(folder)).toMatchObject({
      code: 'FOLDER_LOCKED',
      message: expect.stringMatching(/on elsewhere.*delete .*isobar\.lock if it is gone for certain/),
    })
    expect(await readLock(folder)).toMatchObject({ host: 'elsewhere' })
  })

  test('for being in another container of this machine is judged by its life sign, where there are such', async () => {
    const folder = await makeFolder()
    const holder = await launchLocker(folder)
    await holder.ask('lock')
    const elsewhere = { ...(await readLock(folder)), pid: 999_999_999, host: 'box', pidNamespace: 'pid:[1]' }
    await write(folder, elsewhere)
    expect(await refusalOf(folder)).toMatchObject({ code: 'FOLDER_LOCKED', pid: 999_999_999 })
    await holder.kill()
    if (LINUX) await (await lockFolder(folder))[Symbol.asyncDispose]()
    await write(folder, { ...elsewhere, lifeSign: undefined })
    expect(await refusalOf(folder)).toMatchObject({ message: expect.stringContaining('cannot be seen from here') })
  })
})

describe('a lock file that cannot be read', () => {
  test.each(['', '{"id": "0123', '[]', '{"id":"../../x","pid":1}'])('%j is taken over when it is old', async (text) => {
    const folder = await makeFolder()
    await write(folder, text)
    const past = new Date(Date.now() - 6_000)
    await utimes(join(folder, LOCK_FILE), past, past)
    await (await lockFolder(folder))[Symbol.asyncDispose]()
    expect(await readdir(folder)).toEqual([])
  })

  test('is given time to become readable', async () => {
    const folder = await makeFolder()
    const holder = await launchLocker(folder)
    await holder.ask('lock')
    const record = await readLock(folder)
    await write(folder, '')
    const refused = refusalOf(folder)
    await write(folder, record)
    expect(await refused).toMatchObject({ code: 'FOLDER_LOCKED', pid: holder.pid })
  })
})
