import type { DeadLetterSelection, Dedupe, JobSpec } from '@isobar/core'
import { ApiError } from './api-wire.ts'

/** The parameters of a call, as they came. */
export type Params = Readonly<Record<string, unknown>>

/** A body as parameters. */
export function toParams(body: string): Params {
  let value: unknown
  try {
    value = body === '' ? {} : JSON.parse(body)
  } catch {
    // The parser's message quotes the body, so it is not passed on.
    throw new ApiError('API_CALL', 'the body of the call is not JSON; send an object of parameters')
  }
  if (isObject(value)) return value
  throw new ApiError('API_CALL', 'the body of the call is no object; send an object of parameters')
}

export function toText(params: Params, name: string): string {
  const value = params[name]
  return typeof value === 'string' ? value : refuse(name, 'a string')
}

export function toTexts(params: Params, name: string): readonly string[] {
  const value = params[name]
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  return refuse(name, 'an array of strings')
}

/** Jobs to be sent; what their fields may hold is for the broker to check. */
export function toSpecs(params: Params): readonly JobSpec[] {
  const { specs } = params
  if (!Array.isArray(specs)) return refuse('specs', 'an array')
  return specs.map((spec: unknown) => {
    if (!isObject(spec)) return refuse('specs', 'an array of objects')
    return {
      ...optional(spec, 'id'),
      name: toText(spec, 'name'),
      queue: toText(spec, 'queue'),
      priority: toText(spec, 'priority') as JobSpec['priority'],
      text: toJson(spec, 'text'),
      delayMs: toCount(spec, 'delayMs'),
      ...optional(spec, 'key'),
      ...(spec['dedupe'] !== undefined && { dedupe: toDedupe(spec['dedupe']) }),
      ...optional(spec, 'tenant'),
    }
  })
}

export function toPage(params: Params): { queue?: string; limit?: number; cursor?: string } {
  return {
    ...optional(params, 'queue'),
    ...(params['limit'] !== undefined && { limit: toCount(params, 'limit') }),
    ...optional(params, 'cursor'),
  }
}

export function toSelection(params: Params): DeadLetterSelection {
  return params['ids'] === undefined ? { queue: toText(params, 'queue') } : { ids: toTexts(params, 'ids') }
}

function toDedupe(value: unknown): Dedupe {
  const { mode, windowMs } = isObject(value) ? value : {}
  if (mode === 'alive' || mode === 'queued') return { mode }
  if (mode === 'window' && isCount(windowMs)) return { mode, windowMs }
  return refuse('dedupe', 'one of { mode: "alive" }, { mode: "queued" } and { mode: "window", windowMs }')
}

/** Data must be whole: what is no JSON, or several, would spoil the jobs beside it. */
function toJson(params: Params, name: string): string {
  const text = toText(params, name)
  try {
    JSON.parse(text)
    return text
  } catch {
    return refuse(name, 'JSON text')
  }
}

function toCount(params: Params, name: string): number {
  const value = params[name]
  return isCount(value) ? value : refuse(name, 'a number of at least 0')
}

const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0

function optional<Name extends string>(params: Params, name: Name): { [Key in Name]?: string } {
  return params[name] === undefined ? {} : ({ [name]: toText(params, name) } as { [Key in Name]: string })
}

function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(name: string, what: string): never {
  throw new ApiError('API_CALL', `the parameter "${name}" of the call is not ${what}`)
}
