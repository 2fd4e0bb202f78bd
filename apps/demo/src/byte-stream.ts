/** Bytes handed on at a time. */
export const CHUNK_BYTES: number = 16 * 1024

/** Bytes as a stream of chunks, made as they are asked for. */
export function toByteStream(bytes: Uint8Array, chunkBytes: number = CHUNK_BYTES): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at < bytes.byteLength) controller.enqueue(bytes.subarray(at, at + chunkBytes))
        at += chunkBytes
        if (at >= bytes.byteLength) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}
