import process from 'node:process'
import { expect, test, vi } from 'vitest'
import { ownProcess } from './own-process.ts'

test('of two workers in one process the last to stop ends it, with the worst code', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as () => never)
  const stops = [vi.fn(), vi.fn()]
  const [first, second] = stops.map((stop) => ownProcess(stop))
  process.emit('SIGTERM')
  expect(stops.map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  first?.release()
  first?.exit(0)
  expect(exit).not.toHaveBeenCalled()
  second?.release()
  second?.exit(0)
  expect(exit.mock.calls).toEqual([[0]])
  const healthy = vi.fn()
  const [third, fourth] = [ownProcess(vi.fn()), ownProcess(healthy)]
  third.release()
  third.exit(1)
  expect(healthy).toHaveBeenCalledTimes(1)
  fourth.release()
  fourth.exit(0)
  expect(exit.mock.calls).toEqual([[0], [1]])
  exit.mockRestore()
})
