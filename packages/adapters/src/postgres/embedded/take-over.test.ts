import { randomBytes } from 'node:crypto'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { launchLocker, leaveStaleLock, makeFolder, readLock, refusalOf } from '../../../test/lock-process.ts'
import { lockFolder } from './folder-lock.ts'
import { LOCK_FILE } from './lock-record.ts'

/** Where start times and boots can be told. */
const LINUX = process.platform === 'linux'

const write = (folder: string, record: object): Promise<void> =>
  writeFile(join(folder, LOCK_FILE), JSON.stringify(record))

test('the lock of a process that was killed is taken over at once', async () => {
  const folder = await makeFolder()
  const stale = await leaveStaleLock(folder)
  const lock = await lockFolder(folder)
  expect((await readLock(folder)).id).not.toBe(stale.id)
  await lock[Symbol.asyncDispose]()
})

test('the lock of a process whose pid was given to another one is taken over', async () => {
  const folder = await makeFolder()
  const stale = await leaveStaleLock(folder)
  await write(folder, { ...stale, pid: process.pid })
  // Only Linux says when a process started; elsewhere whoever has the pid is taken for the holder.
  if (!LINUX) return void expect(await refusalOf(folder)).toMatchObject({ code: 'FOLDER_LOCKED' })
  await (await lockFolder(folder))[Symbol.asyncDispose]()
})

test('a lock from before the last boot of this host is taken over', async () => {
  const folder = await makeFolder()
  const stale = await leaveStaleLock(folder)
  // What has that pid since is no reason to wait for it.
  await write(folder, {
    ...stale,
    pid: process.ppid,
    startTime: undefined,
    boot: LINUX ? 'an earlier one' : undefined,
  })
  if (!LINUX) return void expect(await refusalOf(folder)).toMatchObject({ code: 'FOLDER_LOCKED' })
  await (await lockFolder(folder))[Symbol.asyncDispose]()
})

test('a stale lock is taken over by exactly one of many that find it, also past claims that died', {
  timeout: 60_000,
}, async () => {
  const folder = await makeFolder()
  const rivals = await Promise.all(Array.from({ length: 8 }, () => launchLocker(folder)))
  for (let round = 0; round < 20; round++) {
    const stale = await leaveStaleLock(folder)
    // In every other round somebody has died while taking it over, and leaves a stale claim.
    const claimer = { ...stale, id: randomBytes(8).toString('hex'), lifeSign: undefined }
    if (round % 2) await writeFile(join(folder, `${LOCK_FILE}.${stale.id}.claim`), JSON.stringify(claimer))
    const answers = await Promise.all(rivals.map((rival) => rival.ask('lock')))
    const won = rivals.filter((_, index) => answers[index]?.locked)
    expect(won).toHaveLength(1)
    const [winner] = won
    for (const answer of answers.filter(({ locked }) => !locked)) {
      expect(answer).toMatchObject({ code: 'FOLDER_LOCKED', pid: winner?.pid })
    }
    expect(await readLock(folder)).toMatchObject({ pid: winner?.pid })
    await winner?.ask('release')
    expect(await readdir(folder)).not.toContain(LOCK_FILE)
  }
  expect(await readdir(folder)).toEqual([])
})

test('it leaves no litter: what the dead left beside it goes with it', async () => {
  const folder = await makeFolder()
  const stale = await leaveStaleLock(folder)
  for (const kind of ['new', 'claim']) {
    await writeFile(join(folder, `${LOCK_FILE}.0000000000000000.${kind}`), JSON.stringify(stale))
  }
  const past = new Date(Date.now() - 3_600_000)
  for (const name of await readdir(folder)) await utimes(join(folder, name), past, past)
  await (await lockFolder(folder))[Symbol.asyncDispose]()
  expect(await readdir(folder)).toEqual([])
})
