import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { raiseLifeSign, showsLife } from './life-sign.ts'

const LINUX = process.platform === 'linux'

test('a sign shows life until it is disposed, in folders with long names too', async () => {
  const root = await mkdtemp(join(tmpdir(), 'isobar-life-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const folder = join(root, 'a-name-that-alone-is-longer-than-a-socket-path-may-be-'.repeat(3))
  await mkdir(folder)
  const sign = await raiseLifeSign(folder, 'x.sock')
  expect(sign !== undefined).toBe(LINUX)
  if (!sign) return
  expect(await readdir(folder)).toEqual(['x.sock'])
  expect(await Promise.all(Array.from({ length: 50 }, () => showsLife(folder, 'x.sock')))).not.toContain(false)
  await sign[Symbol.asyncDispose]()
  expect(await readdir(folder)).toEqual([])
  expect(await showsLife(folder, 'x.sock')).toBe(false)
})

test('where nobody can be asked, nothing is told', async () => {
  expect(await showsLife(`/nowhere/${'x'.repeat(100)}`, 'x.sock')).toBeUndefined()
})

test('where there can be no sign there is none', async () => {
  expect(await raiseLifeSign('/nowhere', 'x.sock')).toBeUndefined()
})
