import type { R2Bucket, R2Object, R2PutOptions, R2UploadedPart } from '@cloudflare/workers-types'

/** Bytes of a part of an upload: the least that R2 takes. */
const PART_BYTES = 5 * 1024 * 1024

/**
 * Stores a stream whose length nobody knows, which R2 itself refuses: in one piece when it ends within 5 MiB, else in
 * parts of that size, one in memory at a time. A stream that fails leaves nothing behind. `onlyIf` and checksums hold for
 * one piece only.
 *
 * @example
 * await putStream(env.BUCKET, 'report.csv', toCsv(rows), { httpMetadata: { contentType: 'text/csv' } })
 */
export async function putStream(
  bucket: R2Bucket,
  key: string,
  stream: ReadableStream<Uint8Array>,
  options: R2PutOptions = {},
): Promise<R2Object | null> {
  const parts = toParts(stream)
  try {
    const first = (await parts.next()).value ?? new Uint8Array()
    if (first.byteLength < PART_BYTES) return await bucket.put(key, first, options)
    return await putParts(bucket, key, first, parts, options)
  } finally {
    // Ends the source, where it is not at its end.
    await parts.return(undefined)
  }
}

async function putParts(
  bucket: R2Bucket,
  key: string,
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
  { httpMetadata, customMetadata, storageClass }: R2PutOptions,
): Promise<R2Object> {
  const upload = await bucket.createMultipartUpload(key, {
    ...(httpMetadata && { httpMetadata }),
    ...(customMetadata && { customMetadata }),
    ...(storageClass && { storageClass }),
  })
  try {
    const uploaded: R2UploadedPart[] = [await upload.uploadPart(1, first)]
    for await (const part of rest) uploaded.push(await upload.uploadPart(uploaded.length + 1, part))
    return await upload.complete(uploaded)
  } catch (error) {
    // An upload that cannot be given up is given up by R2 after a week; why it failed is what matters.
    await upload.abort().catch(() => {})
    throw error
  }
}

/** Pieces of exactly `PART_BYTES`, but for the last. Ends the stream when nobody wants more. */
async function* toParts(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let part = new Uint8Array(PART_BYTES)
  let filled = 0
  for await (let chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    while (chunk.byteLength > 0) {
      const taken = chunk.subarray(0, PART_BYTES - filled)
      part.set(taken, filled)
      filled += taken.byteLength
      chunk = chunk.subarray(taken.byteLength)
      if (filled < PART_BYTES) continue
      yield part
      part = new Uint8Array(PART_BYTES)
      filled = 0
    }
  }
  if (filled > 0) yield part.subarray(0, filled)
}
