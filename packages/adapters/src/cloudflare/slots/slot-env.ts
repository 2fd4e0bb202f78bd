import { type BindingKind, PROXIES, type Proxies } from './binding-kinds.ts'
import type { BindingCalls, PlainR2Answer, PlainStatement, StatementMethod } from './bindings.ts'
import type { PlainR2Object } from './plain-r2-object.ts'

// What a slot's handlers have in the place of bindings: objects with their methods, whose calls go to `IsobarBindings`.

const envs = new WeakMap<object, object>()

/** The environment of a slot, with its proxies in the place of what they stand for. */
export function toSlotEnv(env: unknown): object {
  const given = env as Readonly<Record<string, unknown>> & { readonly [PROXIES]?: Proxies }
  const known = envs.get(given)
  if (known) return known
  const { [PROXIES]: proxies, ...rest } = given
  const calls = proxies?.entrypoint as BindingCalls
  const made = Object.entries(proxies?.kinds ?? {}).map(([name, kind]) => [name, PROXY[kind](calls, name)])
  const complete = { ...rest, ...Object.fromEntries(made) }
  envs.set(given, complete)
  return complete
}

const PROXY: Readonly<Record<BindingKind, (calls: BindingCalls, name: string) => object>> = {
  d1: (calls, name) => ({
    prepare: (sql: string) => new Statement(calls, name, { sql, values: [] }),
    batch: (statements: readonly Statement[]) =>
      calls.statements(
        name,
        statements.map((one) => one.plain),
      ),
    exec: (sql: string) => calls.exec(name, sql),
  }),
  r2: (calls, name) => ({
    head: async (key: string) => toR2Object(await calls.object(name, 'head', key, undefined)),
    get: async (key: string, options?: unknown) => toR2Object(await calls.object(name, 'get', key, options)),
    put: async (key: string, value: unknown, options?: unknown) => {
      const object = await calls.putObject(
        name,
        key,
        value instanceof Blob ? await value.arrayBuffer() : value,
        options,
      )
      return object && toR2Object({ object })
    },
    list: async (options?: unknown) => {
      const page = (await calls.listObjects(name, options)) as { objects: PlainR2Object[] }
      return { ...page, objects: page.objects.map((object) => toR2Object({ object })) }
    },
    delete: (keys: string | readonly string[]) => calls.deleteObjects(name, keys),
  }),
  queue: (calls, name) => toPlain(calls, name, ['send', 'sendBatch', 'metrics']),
  kv: (calls, name) => toPlain(calls, name, ['get', 'getWithMetadata', 'put', 'delete', 'list']),
}

function toPlain(calls: BindingCalls, name: string, methods: readonly string[]): object {
  const call =
    (method: string) =>
    (first: unknown, ...args: readonly unknown[]) =>
      // A batch may be any iterable, and only arrays can be cloned.
      calls.plain(name, method, [method === 'sendBatch' ? [...(first as Iterable<unknown>)] : first, ...args])
  return Object.fromEntries(methods.map((method) => [method, call(method)]))
}

class Statement {
  readonly #calls: BindingCalls
  readonly #database: string
  readonly plain: PlainStatement

  constructor(calls: BindingCalls, database: string, plain: PlainStatement) {
    this.#calls = calls
    this.#database = database
    this.plain = plain
  }

  bind(...values: readonly unknown[]): Statement {
    return new Statement(this.#calls, this.#database, { sql: this.plain.sql, values })
  }

  all(): Promise<unknown> {
    return this.#ask('all')
  }

  run(): Promise<unknown> {
    return this.#ask('run')
  }

  first(...column: readonly string[]): Promise<unknown> {
    return this.#ask('first', column)
  }

  raw(...options: readonly unknown[]): Promise<unknown> {
    return this.#ask('raw', options)
  }

  #ask(method: StatementMethod, args: readonly unknown[] = []): Promise<unknown> {
    return this.#calls.statement(this.#database, this.plain, method, args)
  }
}

function toR2Object(answer: PlainR2Answer): object | null {
  if (!answer) return null
  const { object, body } = answer
  const writeHttpMetadata = (headers: Headers): void => {
    const { contentType, contentLanguage, contentDisposition, contentEncoding, cacheControl, cacheExpiry } =
      object.httpMetadata ?? {}
    const values = {
      'content-type': contentType,
      'content-language': contentLanguage,
      'content-disposition': contentDisposition,
      'content-encoding': contentEncoding,
      'cache-control': cacheControl,
      expires: cacheExpiry?.toUTCString(),
    }
    for (const [name, value] of Object.entries(values)) if (value !== undefined) headers.set(name, value)
  }
  if (!body) return { ...object, writeHttpMetadata }
  const read = new Response(body)
  return {
    ...object,
    writeHttpMetadata,
    body: read.body,
    get bodyUsed() {
      return read.bodyUsed
    },
    arrayBuffer: () => read.arrayBuffer(),
    bytes: async () => new Uint8Array(await read.arrayBuffer()),
    text: () => read.text(),
    json: () => read.json(),
    blob: () => read.blob(),
  }
}
