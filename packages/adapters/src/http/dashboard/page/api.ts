import type { ErrorAnswer } from '../answers.ts'

/** Longest wait for an answer, in ms. */
const TIMEOUT_MS = 15_000

/** The server refused, or was not there. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** 0 where there was no answer. */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Asks the API. Paths are relative to the page, wherever that is mounted. Throws `ApiError`. */
export function get<Answer>(path: string): Promise<Answer> {
  return call(path, { headers: { accept: 'application/json' } })
}

/** Has the API do something. The header that no form and no other site can send proves that it is this page. */
export function post<Answer>(path: string, body: unknown = {}): Promise<Answer> {
  return call(path, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json', 'x-isobar': '1' },
    body: JSON.stringify(body),
  })
}

async function call<Answer>(path: string, init: RequestInit): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch {
    throw new ApiError(0, 'The server does not answer.')
  }
  if (!response.ok) throw new ApiError(response.status, await messageOf(response))
  return (await response.json()) as Answer
}

async function messageOf(response: Response): Promise<string> {
  try {
    return ((await response.json()) as ErrorAnswer).error.message
  } catch {
    return `The server answered ${response.status}.`
  }
}

/** What went wrong, for a reader. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
