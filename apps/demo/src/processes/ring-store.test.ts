import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toByteStream } from '../byte-stream.ts'
import { ContentTooLargeError } from '../errors.ts'
import { RingStore } from './ring-store.ts'

const put = { contentType: 'text/plain', expiresAt: 1 }
const bytesOf = (length: number, value: number) => new Uint8Array(length).fill(value)

test('an object is as it was put, or gone; the last is always there', async () => {
  const step = fc.record({ key: fc.nat(12), length: fc.nat(64), streamed: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 80 }), async (steps) => {
      const store = new RingStore({ bytes: 256, objects: 8 })
      const model = new Map<string, Uint8Array>()
      for (const [index, { key, length, streamed }] of steps.entries()) {
        const content = bytesOf(length, index)
        model.set(String(key), content)
        await store.put(String(key), streamed ? toByteStream(content, 7) : content, put)
        expect(await store.get(String(key))).toEqual(content)
        expect(store.size).toBeLessThanOrEqual(8)
        for (const [each, was] of model) {
          const found = await store.get(each)
          expect((await store.head(each))?.bytes).toBe(found?.byteLength)
          if (found) expect(found).toEqual(was)
        }
      }
    }),
  )
})

test('the newest objects are kept, as many as fit', async () => {
  const store = new RingStore({ bytes: 100, objects: 100 })
  for (let index = 0; index < 50; index++) await store.put(`k${index}`, bytesOf(20, index), put)
  expect(store.size).toBe(5)
  for (const index of [45, 46, 47, 48, 49]) expect(await store.get(`k${index}`)).toEqual(bytesOf(20, index))
})

test('an object over a quarter of the ring is refused, and leaves nothing behind', async () => {
  const store = new RingStore({ bytes: 100 })
  await expect(store.put('big', bytesOf(26, 1), put)).rejects.toThrow(ContentTooLargeError)
  const stream = toByteStream(bytesOf(80, 1), 10)
  await expect(store.put('big', stream, put)).rejects.toThrow(ContentTooLargeError)
  expect(stream.locked).toBe(false)
  expect(await store.head('big')).toBeUndefined()
})

test('an aborted upload ends its stream and leaves nothing behind', async () => {
  const store = new RingStore()
  const controller = new AbortController()
  controller.abort(new Error('too late'))
  const stream = toByteStream(bytesOf(80, 1), 10)
  await expect(store.put('late', stream, { ...put, signal: controller.signal })).rejects.toThrow('too late')
  expect(await stream.getReader().read()).toEqual({ done: true, value: undefined })
  expect(await store.head('late')).toBeUndefined()
})

test('fixed objects stay', async () => {
  const store = new RingStore({
    bytes: 40,
    fixed: [{ key: 'terms', contentType: 'application/pdf', content: bytesOf(3, 7) }],
  })
  for (let index = 0; index < 20; index++) await store.put(`k${index}`, bytesOf(10, index), put)
  expect(await store.get('terms')).toEqual(bytesOf(3, 7))
  expect(await store.head('terms')).toMatchObject({ contentType: 'application/pdf', bytes: 3 })
})
