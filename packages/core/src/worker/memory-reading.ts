/**
 * The memory of one isolate or process, in bytes, as its runtime tells it.
 *
 * The figures overlap, and not in the same way everywhere: the probe that reads a runtime says what `total` is made of
 * (in Node and Deno `heapUsed` + `external`, which includes array buffers; in Bun `heapUsed`, which includes `external`).
 */
export interface MemoryReading {
  /** The heap and what its objects hold outside it, each byte counted once. */
  readonly total: number
  readonly heapUsed: number
  /** Memory of objects outside the heap. */
  readonly external: number
  readonly arrayBuffers: number
  /** What the process takes of the machine: native memory too, which `total` does not know. */
  readonly rss: number
  /** What may be used: by this isolate, or by its container. Undefined when there is no limit. */
  readonly limit: number | undefined
  /** Ms since the epoch. */
  readonly at: number
}

/** A reading of an isolate at work. */
export interface IsolateReading extends MemoryReading {
  /** Jobs it has done since it started. */
  readonly jobs: number
  /** Ms since it started, by a clock that does not jump. */
  readonly ageMs: number
  /** Whether it was taken right after a full collection, so that all it shows is in use. */
  readonly confirmed: boolean
}
