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
