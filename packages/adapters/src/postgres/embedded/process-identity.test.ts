import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { identifyProcess, isRunning, isSameProcess } from './process-identity.ts'

const LINUX = process.platform === 'linux'

test('this process is recognized, and is running', async () => {
  const own = await identifyProcess()
  expect(own).toMatchObject({ pid: process.pid, host: expect.any(String) })
  expect(isSameProcess(own, { ...own })).toBe(true)
  expect(isSameProcess(own, { ...own, pid: own.pid + 1 })).toBe(false)
  expect(await isRunning(own)).toBe(true)
  if (!LINUX) return
  expect(own).toMatchObject({
    startTime: expect.stringMatching(/^\d+$/),
    boot: expect.stringMatching(/^[0-9a-f-]{36}$/),
    pidNamespace: expect.stringMatching(/^pid:\[\d+\]$/),
  })
  expect(await isRunning({ ...own, startTime: '1' })).toBe(false)
})

test('a process that has ended does not run', async () => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  expect(await isRunning({ pid: child.pid as number, host: '' })).toBe(false)
})

test('a process that has ended and whose parent has not noticed does not run either, where it can be told', async () => {
  // What the shell becomes never asks after the child that the shell had, which ends with its input.
  const becomes = 'console.log(process.argv[1]); setInterval(() => {}, 60_000)'
  const parent = spawn('sh', ['-c', 'exec 3<&0; cat <&3 & exec "$0" -e "$1" $!', process.execPath, becomes], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [pid] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string]
  const zombie = { pid: Number(pid), host: '' }
  expect(await isRunning(zombie)).toBe(true)
  parent.stdin.end()
  if (!LINUX) return
  while (await isRunning(zombie)) {}
  process.kill(zombie.pid, 0)
})
