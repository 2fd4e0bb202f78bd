import { expect, test, vi } from 'vitest'
import { tellBrokerErrors } from './broker-errors.ts'

test('tells the first error of each action, and then one in ten seconds', () => {
  const stderr = vi.spyOn(console, 'error').mockImplementation(() => {})
  let now = 0
  const tell = tellBrokerErrors(() => now)
  const fail = (action: 'receive' | 'settle'): void => tell({ workerId: 'w', action, error: new Error('down') })
  fail('receive')
  fail('receive')
  fail('settle')
  now = 9_999
  fail('receive')
  expect(stderr.mock.calls.map(([line]) => line)).toEqual([
    'isobar: the broker of worker w failed to receive; it is tried again',
    'isobar: the broker of worker w failed to settle; it is tried again',
  ])
  now = 10_000
  fail('receive')
  expect(stderr).toHaveBeenCalledTimes(3)
  stderr.mockRestore()
})
