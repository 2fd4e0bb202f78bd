import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toByteStream } from './byte-stream.ts'

test('a stream gives the bytes it was made of, in chunks of at most the size asked for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), async (bytes, chunkBytes) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of toByteStream(bytes, chunkBytes)) chunks.push(chunk)
      expect(Buffer.concat(chunks)).toEqual(Buffer.from(bytes))
      expect(chunks.every((chunk) => chunk.byteLength > 0 && chunk.byteLength <= chunkBytes)).toBe(true)
    }),
  )
})

test('it can be cancelled in the middle, and after its end', async () => {
  const stream = toByteStream(new Uint8Array(100), 10)
  const reader = stream.getReader()
  await reader.read()
  reader.releaseLock()
  await stream.cancel()
  await expect(stream.cancel()).resolves.toBeUndefined()
})
