import { type Broker, IsobarError, OptionError, UnsupportedError } from '@isobar/core'
import { Refusal } from './refusal.ts'

/** How long a broker may take to answer by default, in ms. */
export const DEFAULT_BROKER_TIMEOUT_MS = 15_000

/** Asks the broker for something. */
export type AskBroker = <Answer>(action: string, ask: (broker: Broker) => Promise<Answer>) => Promise<Answer>

/**
 * What asks a broker, and waits `timeoutMs` for the answer. What it refuses is the request's fault, and told; what fails is
 * the broker's: a driver's message may name hosts and statements, so that only its code is told.
 * @throws {Refusal}
 */
export function toAskBroker(broker: Broker, timeoutMs: number): AskBroker {
  return async (action, ask) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const message = `broker ${broker.name} has not answered within ${timeoutMs} ms: it may yet ${action}`
        const cause = new IsobarError('BROKER_TIMEOUT', message)
        reject(new Refusal(504, cause.code, cause.message, { cause }))
      }, timeoutMs)
    })
    try {
      return await Promise.race([ask(broker), late])
    } catch (cause) {
      if (cause instanceof Refusal) throw cause
      if (cause instanceof UnsupportedError) throw new Refusal(501, cause.code, cause.message, { cause })
      if (cause instanceof OptionError) throw new Refusal(400, cause.code, cause.message, { cause })
      const code = cause instanceof IsobarError ? cause.code : 'BROKER'
      const message = `broker ${broker.name} could not ${action}; try again, and see the log of the worker`
      throw new Refusal(503, code, message, { cause })
    } finally {
      clearTimeout(timer)
    }
  }
}
