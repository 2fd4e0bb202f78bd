import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { childrenOf, isRunning } from '../../../test/processes.ts'
import { Guardian } from './guardian.ts'

/** A process that would go on for ever. */
function sleeper(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child.pid ?? 0
}

/** The guardians of this process. */
const guardians = (): number[] =>
  childrenOf(process.pid)
    .filter(({ command }) => command.includes('guardian-main'))
    .map(({ pid }) => pid)

test('one that died is started again once, also when somebody is added meanwhile; its end is that of who is left', async () => {
  const [first, second] = [sleeper(), sleeper()]
  const guardian = new Guardian()
  guardian.add(first)
  const [old = 0] = guardians()
  process.kill(old, 'SIGKILL')
  // Until this process has been told of it.
  while (existsSync(`/proc/${old}`)) await new Promise((resolve) => setTimeout(resolve, 5))
  await new Promise((resolve) => setTimeout(resolve, 5))
  guardian.add(second)
  // Longer than until the restart that was set before.
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  expect(guardians()).toHaveLength(1)
  guardian.remove(first)
  await guardian[Symbol.asyncDispose]()
  expect(guardians()).toHaveLength(0)
  expect([isRunning(first), isRunning(second)]).toEqual([true, false])
})
