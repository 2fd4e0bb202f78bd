import type { StoredJob } from '../broker.ts'
import type { LogLevel } from '../hooks.ts'
import { byteLength } from '../json.ts'
import { definePlugin, type Plugin } from '../plugin.ts'
import { serializeError } from '../serialized-error.ts'

/** The levels, least important first. */
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** Memory at a moment, in bytes, as far as the runtime tells. */
export interface MemorySample {
  readonly heapUsed: number
  readonly external: number
  readonly rss: number
}

/** Options of `logger`. */
export interface LoggerOptions {
  /** Lines below it are not written. Default `info`. */
  readonly level?: LogLevel
  /** Takes a line of JSON, without its line break. Default: the console. */
  readonly write?: (line: string, level: LogLevel) => void
  /**
   * Reads the memory before and after each job, for lines that tell them with payload size and tenant. Default: not
   * read. On Node: `readMemory` of `@isobar/adapters/node`.
   */
  readonly memory?: () => MemorySample
}

/**
 * Writes a line of JSON for each job that settles, for each dead letter and for each error of the framework, and what
 * handlers write to `ctx.log`. Lines name the job and never hold its payload.
 */
export function logger(options: LoggerOptions = {}): Plugin {
  const { level: least = 'info', write = (line) => console.log(line), memory } = options
  const lowest = LEVELS.indexOf(least)
  const line = (level: LogLevel, event: string, fields: object): void => {
    if (LEVELS.indexOf(level) >= lowest)
      write(toJson({ time: new Date().toISOString(), level, event, ...fields }), level)
  }
  const before = new WeakMap<StoredJob, MemorySample>()

  return definePlugin({
    name: 'logger',
    setup(app) {
      if (memory) app.hook('start', ({ job }) => before.set(job, memory()))
      app.hook('log', ({ job, level, message, fields }) => line(level, 'log', { message, ...jobFields(job), fields }))
      app.hook('settle', ({ job, outcome, durationMs }) => {
        const failed = outcome.kind === 'retry' || outcome.kind === 'dead'
        line(failed ? 'warn' : 'info', 'settle', {
          ...jobFields(job),
          outcome: outcome.kind,
          durationMs: Math.round(durationMs * 1_000) / 1_000,
          ...(failed && { error: serializeError(outcome.error) }),
          ...(memory && { bytes: payloadBytes(job), memoryBefore: before.get(job), memoryAfter: memory() }),
        })
      })
      app.hook('dead', ({ job, reason, error }) =>
        line('error', 'dead', { ...jobFields(job), reason, error: serializeError(error) }),
      )
      app.hook('scopeError', ({ job, error }) =>
        line('error', 'scopeError', { ...(job && jobFields(job)), error: serializeError(error) }),
      )
      app.hook('brokerError', ({ workerId, action, error }) =>
        line('error', 'brokerError', { workerId, action, error: serializeError(error) }),
      )
      app.hook('drain', ({ workerId, running }) => line('info', 'drain', { workerId, running }))
      app.hook('stop', ({ workerId }) => line('info', 'stop', { workerId }))
    },
  })
}

function jobFields({ name, id, queue, attempt, tenant }: StoredJob): object {
  return { job: name, id, queue, attempt, ...(tenant !== undefined && { tenant }) }
}

function payloadBytes({ payload }: StoredJob): number | undefined {
  if ('text' in payload) return byteLength(payload.text)
  return 'bytes' in payload ? payload.bytes.byteLength : undefined
}

/** Fields come from handlers: what JSON cannot write must not fail a hook. */
function toJson({ fields, ...known }: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify({ ...known, fields }, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    )
  } catch {
    return JSON.stringify({ ...known, fields: '(could not be written as JSON)' })
  }
}
