import type { R2Bucket, R2Object } from '@cloudflare/workers-types'
import { putStream } from '@isobar/adapters/cloudflare/r2'
import type { ContentStore, PutOptions, StoredObject } from '../resources.ts'

/** The content store in R2. */
export class R2Store implements ContentStore {
  readonly #bucket: R2Bucket

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket
  }

  async head(key: string): Promise<StoredObject | undefined> {
    const object = await this.#bucket.head(key)
    return object ? toStored(object) : undefined
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const object = await this.#bucket.get(key)
    return object ? new Uint8Array(await object.arrayBuffer()) : undefined
  }

  async open(key: string): Promise<ReadableStream<Uint8Array> | undefined> {
    // The platform's own type of the same stream.
    return (await this.#bucket.get(key))?.body as ReadableStream<Uint8Array> | undefined
  }

  async put(
    key: string,
    body: Uint8Array | ReadableStream<Uint8Array>,
    { contentType, expiresAt, signal }: PutOptions,
  ): Promise<StoredObject> {
    const options = { httpMetadata: { contentType }, customMetadata: { expiresAt: String(expiresAt) } }
    const object =
      body instanceof Uint8Array
        ? await this.#bucket.put(key, body, options)
        : await putStream(this.#bucket, key, signal ? untilAborted(body, signal) : body, options)
    // Only a condition makes R2 store nothing, and there is none.
    return toStored(object as R2Object)
  }
}

function toStored({ key, size, httpMetadata, customMetadata }: R2Object): StoredObject {
  const { contentType = 'application/octet-stream' } = httpMetadata ?? {}
  return { key, bytes: size, contentType, expiresAt: Number(customMetadata?.['expiresAt'] ?? Number.MAX_SAFE_INTEGER) }
}

/** A stream that fails when the signal aborts; its source is cancelled then. */
function untilAborted(stream: ReadableStream<Uint8Array>, signal: AbortSignal): ReadableStream<Uint8Array> {
  return stream.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal })
}
