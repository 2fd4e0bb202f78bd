import { expect, it } from 'vitest'
import { Lanes } from './lanes.ts'

it('gives each name a lane, and the same again', () => {
  const lanes = new Lanes(3)
  expect(lanes.take('a')).toEqual({ lane: 0, fresh: true })
  expect(lanes.take('b')).toEqual({ lane: 1, fresh: true })
  expect(lanes.take('a')).toEqual({ lane: 0, fresh: false })
  expect([lanes.name(0), lanes.name(1), lanes.name(2), lanes.find('b'), lanes.find('c')]).toEqual([
    'a',
    'b',
    undefined,
    1,
    -1,
  ])
})

it('takes the lane of who was not seen for longest', () => {
  const lanes = new Lanes(2)
  for (const name of ['a', 'b', 'a']) lanes.take(name)
  expect(lanes.take('c')).toEqual({ lane: 1, fresh: true })
  expect([lanes.find('a'), lanes.find('b')]).toEqual([0, -1])
})

it('begins anew when cleared', () => {
  const lanes = new Lanes(2)
  for (const name of ['a', 'b']) lanes.take(name)
  lanes.clear()
  expect([lanes.name(0), lanes.take('c').lane]).toEqual([undefined, 0])
})
