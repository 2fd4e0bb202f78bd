import { afterAll, expect, test } from 'vitest'
import { openLocalBindings } from '../../test/cloudflare/local-bindings.ts'
import { toByteStream } from '../byte-stream.ts'
import { TERMS } from '../fixtures.ts'
import { R2Store } from './r2-store.ts'

const bindings = await openLocalBindings()
afterAll(() => bindings[Symbol.asyncDispose]())
const store = new R2Store(bindings.bucket)
const options = { contentType: 'text/plain', expiresAt: 1_930_000_000_000 }

test('an object is as it was put; the templates’ files are there', async () => {
  const content = new TextEncoder().encode('Grüße')
  const stored = { key: 'a', bytes: content.byteLength, ...options }
  expect(await store.put('a', content, options)).toEqual(stored)
  expect(await store.head('a')).toEqual(stored)
  expect(await store.get('a')).toEqual(content)
  expect([await store.head('none'), await store.get('none')]).toEqual([undefined, undefined])
  expect(await store.get(TERMS.key)).toEqual(new Uint8Array(TERMS.content))
})

test.each([0, 1, 100_000, 5 * 1024 * 1024, 11_000_000])(
  'a stream of %i bytes, whose length nobody says',
  async (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, at) => at % 251)
    expect(await store.put('stream', toByteStream(bytes), options)).toMatchObject({ bytes: size, ...options })
    expect(Buffer.compare((await store.get('stream')) ?? new Uint8Array(), bytes)).toBe(0)
  },
)

test.each([100_000, 11_000_000])(
  'a stream that is aborted after %i bytes leaves nothing behind, and its source ends',
  async (size) => {
    const controller = new AbortController()
    let at = 0
    let isCancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull(stream) {
        at += 65_536
        if (at >= size) controller.abort(new Error('enough'))
        stream.enqueue(new Uint8Array(65_536))
      },
      cancel() {
        isCancelled = true
      },
    })
    await expect(store.put('aborted', endless, { ...options, signal: controller.signal })).rejects.toThrow('enough')
    expect(await store.head('aborted')).toBeUndefined()
    expect(isCancelled).toBe(true)
  },
)
