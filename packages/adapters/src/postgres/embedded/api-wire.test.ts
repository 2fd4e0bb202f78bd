import type { DeadLetter } from '@isobar/core'
import { expect, test } from 'vitest'
import { fromWire, toWire } from './api-wire.ts'

const letter: DeadLetter = {
  id: '1',
  name: 'n',
  queue: 'q',
  priority: 'low',
  reason: 'unreadable',
  error: { name: 'Error', message: 'no' },
  attempts: 0,
  crashes: 0,
  enqueuedAt: 1,
  diedAt: 2,
  redrives: 0,
  payload: { text: '{}' },
}

const travelled = (one: DeadLetter): DeadLetter => fromWire(JSON.parse(JSON.stringify(toWire(one))))

test('payloads of every kind come back as they went', () => {
  const payloads: DeadLetter['payload'][] = [
    { text: '{"a":1}' },
    { value: { a: [1, null] } },
    { bytes: new Uint8Array([0, 255, 128, 10]), problem: 'not UTF-8', oversized: true },
    { bytes: new Uint8Array(), problem: 'empty' },
  ]
  for (const payload of payloads) expect(travelled({ ...letter, payload })).toEqual({ ...letter, payload })
})
