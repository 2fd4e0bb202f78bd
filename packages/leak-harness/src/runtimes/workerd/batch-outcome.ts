/** What the platform heard of a batch. */
export interface BatchResult {
  /** `ok`, or why the handler did not come to its end, such as `exception`. */
  readonly outcome: string
  readonly ackAll: boolean
  readonly retryBatch: { readonly retry: boolean }
  readonly explicitAcks: readonly string[]
  readonly retryMessages: readonly { readonly msgId: string }[]
}

/** What became of the messages of a batch. */
export interface BatchOutcome {
  readonly done: number
  /** Given back by the handler. */
  readonly retried: number
  /** Neither acknowledged nor given back by a handler that threw. */
  readonly thrown: number
}

/**
 * Counts what became of each message, as the platform does: what is said of a message goes before what is said of the
 * batch, what is said first before what is said later, and a handler that throws gives back what it has said nothing of.
 */
export function outcomeOf(result: BatchResult, messages: number): BatchOutcome {
  const retried = new Set(result.retryMessages.map(({ msgId }) => msgId)).size
  const acknowledged = new Set(result.explicitAcks).size
  const rest = messages - acknowledged - retried
  if (result.ackAll) return { done: acknowledged + rest, retried, thrown: 0 }
  if (result.retryBatch.retry) return { done: acknowledged, retried: retried + rest, thrown: 0 }
  if (result.outcome === 'ok') return { done: acknowledged + rest, retried, thrown: 0 }
  return { done: acknowledged, retried, thrown: rest }
}
