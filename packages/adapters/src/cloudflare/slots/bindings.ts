import { WorkerEntrypoint } from 'cloudflare:workers'
import type { D1Database, D1PreparedStatement, R2Bucket } from '@cloudflare/workers-types'
import { IsobarError } from '@isobar/core'
import { putStream } from '../r2/put-stream.ts'
import { type PlainR2Object, toPlainR2Object } from './plain-r2-object.ts'

/** A statement as plain data. */
export interface PlainStatement {
  readonly sql: string
  readonly values: readonly unknown[]
}

/** How the result of a statement is asked for. */
export type StatementMethod = 'all' | 'run' | 'first' | 'raw'

/** Methods of queues and KV namespaces: their arguments and answers can be cloned as they are. */
const PLAIN_METHODS: readonly string[] = [
  ...['send', 'sendBatch', 'metrics'],
  ...['get', 'getWithMetadata', 'put', 'delete', 'list'],
]

/** The calls of proxies. */
export interface BindingCalls {
  statement(
    name: string,
    statement: PlainStatement,
    method: StatementMethod,
    args: readonly unknown[],
  ): Promise<unknown>
  statements(name: string, statements: readonly PlainStatement[]): Promise<unknown>
  exec(name: string, sql: string): Promise<unknown>
  object(name: string, method: 'head' | 'get', key: string, options: unknown): Promise<PlainR2Answer>
  putObject(name: string, key: string, value: unknown, options: unknown): Promise<PlainR2Object | null>
  listObjects(name: string, options: unknown): Promise<unknown>
  deleteObjects(name: string, keys: string | readonly string[]): Promise<void>
  plain(name: string, method: string, args: readonly unknown[]): Promise<unknown>
}

/** An object of R2, with its body where there is one. */
export type PlainR2Answer = { readonly object: PlainR2Object; readonly body?: ReadableStream } | null

/**
 * The bindings of the main Worker as slots reach them: those that `slots` names, and no other. Export it from the main
 * module.
 */
export class IsobarBindings
  extends WorkerEntrypoint<Readonly<Record<string, unknown>>, { readonly names: readonly string[] }>
  implements BindingCalls
{
  async statement(...[name, statement, method, args]: Parameters<BindingCalls['statement']>): Promise<unknown> {
    const prepared = prepare(this.#binding<D1Database>(name), statement) as unknown as Record<
      StatementMethod,
      (...args: unknown[]) => Promise<unknown>
    >
    return prepared[method](...args)
  }

  async statements(name: string, statements: readonly PlainStatement[]): Promise<unknown> {
    const database = this.#binding<D1Database>(name)
    return database.batch(statements.map((statement) => prepare(database, statement)))
  }

  async exec(name: string, sql: string): Promise<unknown> {
    return this.#binding<D1Database>(name).exec(sql)
  }

  async object(...[name, method, key, options]: Parameters<BindingCalls['object']>): Promise<PlainR2Answer> {
    const bucket = this.#binding<R2Bucket>(name)
    const found = method === 'head' ? await bucket.head(key) : await bucket.get(key, options as object)
    if (!found) return null
    const body = 'body' in found ? (found.body as unknown as ReadableStream) : undefined
    return { object: toPlainR2Object(found), ...(body && { body }) }
  }

  async putObject(
    ...[name, key, value, options]: Parameters<BindingCalls['putObject']>
  ): Promise<PlainR2Object | null> {
    const bucket = this.#binding<R2Bucket>(name)
    const put =
      value instanceof ReadableStream
        ? await putStream(bucket, key, value, options as object)
        : await bucket.put(key, value as string, options as object)
    return put && toPlainR2Object(put)
  }

  async listObjects(name: string, options: unknown): Promise<unknown> {
    const { objects, ...rest } = await this.#binding<R2Bucket>(name).list(options as object)
    return { ...rest, objects: objects.map(toPlainR2Object) }
  }

  async deleteObjects(name: string, keys: string | readonly string[]): Promise<void> {
    await this.#binding<R2Bucket>(name).delete(keys as string[])
  }

  async plain(name: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const binding = this.#binding<Record<string, ((...args: readonly unknown[]) => unknown) | undefined>>(name)
    const call = PLAIN_METHODS.includes(method) ? binding[method] : undefined
    if (!call) throw new IsobarError('BINDING', `a slot called ${name}.${method}, which is not passed on`)
    return call.apply(binding, args as unknown[])
  }

  #binding<Binding>(name: string): Binding {
    if (!this.ctx.props.names.includes(name))
      throw new IsobarError('BINDING', `a slot asked for the binding ${name}; name it in bindings of slots`)
    return this.env[name] as Binding
  }
}

function prepare(database: D1Database, { sql, values }: PlainStatement): D1PreparedStatement {
  const statement = database.prepare(sql)
  return values.length > 0 ? statement.bind(...values) : statement
}
