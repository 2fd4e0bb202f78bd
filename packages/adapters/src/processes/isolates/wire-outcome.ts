import { DEFAULT_MAX_BYTES, type Outcome } from '@isobar/core'
import { reviveError, type SerializedError, serializeError, toJsonText } from '@isobar/core/codec'

/** An outcome as JSON: its error is data. */
type WireOutcome = Outcome & { readonly error?: SerializedError }

/** An outcome with the time its handler took, in ms, as JSON. A result that is not JSON, or over 1 MB of it, is left out. */
export function toWireOutcome(outcome: Outcome, ms: number): string {
  if (outcome.kind !== 'ack') return JSON.stringify({ ms, outcome: withError(outcome) })
  const { result, ...rest } = outcome
  const text = result === undefined ? undefined : toJsonText(result, DEFAULT_MAX_BYTES)
  return JSON.stringify({ ms, outcome: rest, ...(text !== undefined && { result: text }) })
}

/** The outcome in a line, its error an `Error` again. */
export function fromWireOutcome(text: string): { readonly outcome: Outcome; readonly ms: number } {
  const { ms, outcome, result }: { ms: number; outcome: WireOutcome; result?: string } = JSON.parse(text)
  if (outcome.kind === 'ack')
    return { ms, outcome: result === undefined ? outcome : { ...outcome, result: JSON.parse(result) } }
  return { ms, outcome: outcome.error === undefined ? outcome : { ...outcome, error: reviveError(outcome.error) } }
}

function withError(outcome: Exclude<Outcome, { kind: 'ack' }>): object {
  return outcome.error === undefined ? outcome : { ...outcome, error: serializeError(outcome.error) }
}
