/** What a worker's process weighs. */
export interface Reading {
  /** Settled so far. */
  readonly jobs: number
  /** Heap and external memory after a collection. */
  readonly bytes: number
  readonly rss: number
}
