import { expect, test } from 'vitest'
import { type AddressMark, markOf, toMarkedAddress } from './address-mark.ts'
import { DemoOptionError } from './errors.ts'

const marks: AddressMark[] = [{ kind: 'busy', times: 2 }, { kind: 'down' }, { kind: 'gone' }, { kind: 'open' }]

test.each(marks)('an address marked $kind is read as marked', (mark) => {
  expect(markOf(toMarkedAddress(mark, 'r118'))).toEqual(mark)
})

test('a name that looks like a mark is refused', () => {
  expect(() => toMarkedAddress({ kind: 'open' }, 'down.5')).toThrow(DemoOptionError)
})
