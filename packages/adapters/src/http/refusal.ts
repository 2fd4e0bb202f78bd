import { IsobarError, OptionError, UnsupportedError } from '@isobar/core'
import type { ErrorAnswer } from './contract.ts'

/** Why a request is not answered as it wants to be: a status of 400 or more, and what is told. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, options: RefusalOptions = {}) {
    super(message, options)
    this.status = status
    this.code = code
    this.headers = options.headers ?? {}
  }
}

/** Options of a `Refusal`. */
export interface RefusalOptions extends ErrorOptions {
  readonly headers?: Readonly<Record<string, string>>
}

/** The answer to what was refused. */
export function toResponse({ status, code, message, headers }: Refusal): Response {
  const answer: ErrorAnswer = { error: { code, message } }
  return Response.json(answer, { status, headers: { ...ANSWER_HEADERS, ...headers } })
}

/** Headers of every answer that is data. */
export const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

/** Data as an answer. */
export function toAnswer<Answer>(answer: Answer, status = 200): Response {
  return Response.json(answer, { status, headers: ANSWER_HEADERS })
}

/**
 * Asks a broker for something. What it refuses is the request's fault, and told; what fails is the broker's: a driver's
 * message may name hosts and statements, so that only its code is told.
 * @throws {Refusal}
 */
export async function askBroker<Answer>(broker: string, action: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (cause) {
    if (cause instanceof UnsupportedError) throw new Refusal(501, cause.code, cause.message, { cause })
    if (cause instanceof OptionError) throw new Refusal(400, cause.code, cause.message, { cause })
    const code = cause instanceof IsobarError ? cause.code : 'BROKER'
    throw new Refusal(503, code, `broker ${broker} could not ${action}; try again, and see the log of the worker`, {
      cause,
    })
  }
}
