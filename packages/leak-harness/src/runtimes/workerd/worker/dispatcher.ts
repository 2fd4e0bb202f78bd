/**
 * A Worker of the harness' own beside the one under test, which it hands batches to, as the platform would: that one stays
 * as it is.
 */
import { type BatchOutcome, type BatchResult, outcomeOf } from '../batch-outcome.ts'
import type { DispatchCommand, DispatchedMessage } from './commands.ts'

/** The Worker under test. */
interface Subject {
  queue(name: string, messages: readonly object[]): Promise<BatchResult>
  /** A method that it does not have: asking for it is an event in which none of its code runs. */
  leakHarnessTurn(): Promise<never>
}

async function dispatch(
  subject: Subject,
  { queue, batches, concurrency, maxMs }: Extract<DispatchCommand, { do: 'dispatch' }>,
): Promise<BatchOutcome[]> {
  const outcomes: BatchOutcome[] = []
  const startedAt = Date.now()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < batches.length && (next === 0 || Date.now() - startedAt < maxMs)) {
      const at = next++
      const messages = batches[at] as readonly DispatchedMessage[]
      outcomes[at] = outcomeOf(await subject.queue(queue, messages.map(toMessage)), messages.length)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return outcomes
}

function toMessage({ id, body, contentType, attempts }: DispatchedMessage): object {
  return { id, timestamp: new Date(), attempts, body: contentType === 'bytes' ? toBytes(String(body)) : body }
}

function toBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

const dispatcher: { fetch(request: Request, env: { readonly SUBJECT: Subject }): Promise<Response> } = {
  async fetch(request, { SUBJECT }) {
    const command = (await request.json()) as DispatchCommand
    if (command.do === 'dispatch') return Response.json(await dispatch(SUBJECT, command))
    await SUBJECT.leakHarnessTurn().catch(() => {})
    return Response.json(null)
  },
}
export default dispatcher
