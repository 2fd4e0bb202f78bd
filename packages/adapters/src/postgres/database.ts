/**
 * A row as the values of its columns, in their order, as the server wrote them or read by the driver: take numbers with
 * `Number`, booleans with `isTrue`. JSON is always the text that it was.
 */
export type Row = readonly unknown[]

/** Whether a column says true, in either form. */
export const isTrue = (value: unknown): boolean => value === true || value === 't'

/** Asks one statement. Values are those of `$1`, `$2` … */
export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>

/** Ends a subscription. Twice is fine. */
export type Unlisten = () => Promise<void>

/** What a subscription calls. */
export interface ListenCallbacks {
  readonly onMessage: (payload: string) => void
  /** The subscription is over: its connection is gone. Called at most once, and not after `Unlisten`. */
  readonly onEnd: (error: unknown) => void
}

/** A database that the broker works on: PostgreSQL over `pg`, or PGlite in this process. */
export interface Database {
  readonly query: Query
  /** Runs statements in one transaction, on one connection. Each may take `timeoutMs`; by default as long as others. */
  transaction<Value>(run: (query: Query) => Promise<Value>, timeoutMs?: number): Promise<Value>
  /** Statements in a transaction that a user has opened. `tx` is the driver's own. */
  within(tx: unknown): Query
  /** Subscribes to a channel on a connection of its own; undefined where other processes cannot notify. */
  readonly listen: ((channel: string, callbacks: ListenCallbacks) => Promise<Unlisten>) | undefined
  /** Reclaims the room of deleted rows; undefined where the server does so itself. */
  readonly vacuum: ((table: string) => Promise<void>) | undefined
  close(): Promise<void>
}
