import type { Outcome, Sender } from '../broker.ts'
import { assertCan } from '../producer.ts'

/** A sender that refuses what its broker cannot do, before the broker fails on it. */
export function toCheckedSender(sender: Sender): Pick<Sender, 'send'> {
  return {
    async send(specs, options) {
      for (const spec of specs) assertCan(sender, spec)
      return sender.send(specs, options)
    },
  }
}

/** An ack whose follow-ups the broker cannot take would fail for ever, and its batch with it: such a job is dead. */
export function toPossible(sender: Sender, outcome: Outcome): Outcome {
  try {
    if (outcome.kind === 'ack') for (const spec of outcome.enqueue ?? []) assertCan(sender, spec)
    return outcome
  } catch (error) {
    return { kind: 'dead', error, reason: 'unrecoverable' }
  }
}
