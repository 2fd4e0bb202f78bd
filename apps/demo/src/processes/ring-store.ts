import { type Size, toBytes } from '@isobar/core'
import { toByteStream } from '../byte-stream.ts'
import { ContentTooLargeError } from '../errors.ts'
import type { ContentStore, PutOptions, StoredObject } from '../resources.ts'

/** Bytes that a ring store keeps. */
export const DEFAULT_RING_BYTES: Size = '1mib'

/** Objects that a ring store keeps. */
export const DEFAULT_RING_OBJECTS = 200

interface Slot extends StoredObject {
  readonly offset: number
}

/** How much a ring store keeps. */
export interface RingStoreOptions {
  /** Default 1 MiB. One object may have a quarter of it. */
  readonly bytes?: Size
  /** Default 200. */
  readonly objects?: number
  /** Objects that stay, beside the ring. */
  readonly fixed?: readonly { readonly key: string; readonly contentType: string; readonly content: Uint8Array }[]
}

/**
 * A content store in a ring of bytes that is allocated once: new objects are written over the oldest, so that the store
 * weighs the same from the first object to the last. For demonstrations: what is overwritten is gone.
 */
export class RingStore implements ContentStore {
  readonly #ring: Uint8Array
  readonly #maxObjects: number
  readonly #fixed: ReadonlyMap<string, { readonly object: StoredObject; readonly content: Uint8Array }>
  /** In the order of their places in the ring, oldest first: what is put again moves to the end. */
  readonly #slots = new Map<string, Slot>()
  #head = 0

  constructor({ bytes = DEFAULT_RING_BYTES, objects = DEFAULT_RING_OBJECTS, fixed = [] }: RingStoreOptions = {}) {
    this.#ring = new Uint8Array(toBytes(bytes))
    this.#maxObjects = objects
    this.#fixed = new Map(
      fixed.map(({ key, contentType, content }) => [
        key,
        { content, object: { key, contentType, bytes: content.byteLength, expiresAt: Number.MAX_SAFE_INTEGER } },
      ]),
    )
  }

  /** Objects in the ring. */
  get size(): number {
    return this.#slots.size
  }

  async head(key: string): Promise<StoredObject | undefined> {
    return this.#fixed.get(key)?.object ?? this.#slots.get(key)
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const slot = this.#slots.get(key)
    return this.#fixed.get(key)?.content ?? (slot && this.#ring.slice(slot.offset, slot.offset + slot.bytes))
  }

  async open(key: string): Promise<ReadableStream<Uint8Array> | undefined> {
    const content = await this.get(key)
    return content && toByteStream(content)
  }

  /** @throws {ContentTooLargeError} */
  async put(key: string, body: Uint8Array | ReadableStream<Uint8Array>, options: PutOptions): Promise<StoredObject> {
    const limit = this.#ring.byteLength / 4
    const chunks = body instanceof Uint8Array ? [body] : await collect(key, body, limit, options.signal)
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
    if (bytes > limit) throw new ContentTooLargeError(key, limit)
    this.#slots.delete(key)
    const slot: Slot = {
      key,
      bytes,
      contentType: options.contentType,
      expiresAt: options.expiresAt,
      offset: this.#makeRoom(takenBy(bytes)),
    }
    let at = slot.offset
    for (const chunk of chunks) {
      this.#ring.set(chunk, at)
      at += chunk.byteLength
    }
    this.#slots.set(key, slot)
    return slot
  }

  #makeRoom(bytes: number): number {
    if (this.#head + bytes > this.#ring.byteLength) {
      this.#evict((slot) => slot.offset >= this.#head)
      this.#head = 0
    }
    const offset = this.#head
    this.#head += bytes
    this.#evict((slot) => slot.offset < this.#head && slot.offset + takenBy(slot.bytes) > offset)
    if (this.#slots.size >= this.#maxObjects) this.#evict(() => this.#slots.size >= this.#maxObjects)
    return offset
  }

  #evict(isInTheWay: (oldest: Slot) => boolean): void {
    for (const [key, slot] of this.#slots) {
      if (!isInTheWay(slot)) return
      this.#slots.delete(key)
    }
  }
}

/** Empty objects take a place too: without one they would never be in the way, and so never go. */
function takenBy(bytes: number): number {
  return Math.max(1, bytes)
}

async function collect(
  key: string,
  stream: ReadableStream<Uint8Array>,
  limit: number,
  signal?: AbortSignal,
): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop early, also by an error, cancels the stream.
  for await (const chunk of stream) {
    signal?.throwIfAborted()
    bytes += chunk.byteLength
    if (bytes > limit) throw new ContentTooLargeError(key, limit)
    chunks.push(chunk)
  }
  return chunks
}
