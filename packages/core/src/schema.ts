/**
 * The part of Standard Schema v1 (https://standardschema.dev) that isobar uses. Schemas of zod, valibot, arktype and
 * others have this shape, so that none of them is imposed.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a schema says about a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** One thing a schema objects to. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The type a schema takes: what goes over the wire. */
export type InferInput<S extends StandardSchema> = NonNullable<S['~standard']['types']>['input']

/** The type a schema gives: what the handler sees. */
export type InferOutput<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output']

/** Values that survive a trip through JSON unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * `T` with everything that JSON would change or lose (dates, maps, functions, bigints, …) replaced by `never`, so that
 * `T extends ToJson<T>` holds exactly when `T` is JSON. Unlike `Json`, it accepts interfaces and optional properties.
 */
export type ToJson<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends
          | bigint
          | symbol
          | ((...args: never[]) => unknown)
          | Date
          | RegExp
          | ReadonlyMap<never, never>
          | ReadonlySet<never>
          | ArrayBufferView
          | ArrayBuffer
          | Promise<unknown>
      ? never
      : T extends readonly unknown[]
        ? { readonly [K in keyof T]: ToJson<T[K]> }
        : T extends object
          ? { readonly [K in keyof T]: ToJson<T[K]> }
          : never

/** Some libraries quote the value they refuse (`but received "…"`, `(was "…")`); messages are logged, payloads are not. */
const QUOTED_VALUE = /\b(received|was) +(?:".*"|-?\d[\w.+-]*)/gis

/** `items.0.price: must be positive`: an issue in one line, without the value. */
function toLine(issue: SchemaIssue): string {
  const path = issue.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  const message = issue.message.replace(QUOTED_VALUE, '$1 another value')
  return path ? `${path}: ${message}` : message
}

/** A validated value, or why it was refused; `cause` is what the schema threw where it should have answered. */
export type Checked<T> = { readonly value: T } | { readonly issues: readonly string[]; readonly cause?: unknown }

/**
 * Runs a schema. Synchronous schemas answer at once, asynchronous ones with a promise. Never throws: a schema that does
 * has not accepted the value.
 */
export function validate<T>(schema: StandardSchema<unknown, T>, value: unknown): Checked<T> | Promise<Checked<T>> {
  try {
    const answer = schema['~standard'].validate(value)
    return answer instanceof Promise ? answer.then(toChecked<T>).catch(toThrown) : toChecked(answer)
  } catch (cause) {
    return toThrown(cause)
  }
}

function toThrown(cause: unknown): { readonly issues: readonly string[]; readonly cause: unknown } {
  return { issues: ['its schema threw instead of answering; see cause'], cause }
}

function toChecked<T>(answer: SchemaResult<T>): Checked<T> {
  return answer.issues ? { issues: answer.issues.map(toLine) } : { value: answer.value }
}
