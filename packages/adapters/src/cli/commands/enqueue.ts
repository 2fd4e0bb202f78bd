import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DEFAULT_QUEUE, type Duration, defineJob, type Priority } from '@isobar/core'
import { PRIORITIES } from '@isobar/core/codec'
import { createProducer, type ProducerOptions } from '@isobar/core/producer'
import type { Command, Invocation } from '../command.ts'
import { UsageError } from '../errors.ts'
import { suggest } from '../nearest.ts'

/** Enqueues one job. */
export const enqueue: Command = {
  name: 'enqueue',
  summary: 'enqueue a job',
  usage: 'NAME [- | --data JSON | --data-file PATH] [options]',
  parameters: { least: 1, most: 2 },
  options: {
    data: { value: 'JSON', help: 'its data; default null; with "-", standard input' },
    'data-file': { value: 'PATH', help: 'a file with its data; "-" is standard input' },
    queue: { value: 'QUEUE', help: `its queue; default: ${DEFAULT_QUEUE}` },
    priority: { value: 'PRIORITY', help: `${PRIORITIES.join(', ')}; default normal` },
    delay: { value: 'TIME', help: 'how long it waits: 30s, 5m, 2h' },
    key: { value: 'KEY', help: 'keeps out jobs of the queue with this key, while alive' },
    id: { value: 'ID', help: 'its id; default: chosen for it' },
    tenant: { value: 'TENANT', help: 'whose job it is' },
  },
  async run(invocation) {
    const { parameters, options, use } = invocation
    const [name = ''] = parameters
    const { queue, key, id, tenant, delay } = options
    const priority = toPriority(options['priority'])
    return use(async (engine) => {
      const { maxBytes } = engine.can
      const data = toData(await readData(invocation, maxBytes))
      const type = defineJob<unknown>({ name, maxBytes, ...(queue && { queue }), ...(priority && { priority }) })
      const settings: ProducerOptions = {
        ...(delay && { delay: delay as Duration }),
        ...(key && { key }),
        ...(id && { id }),
        ...(tenant && { tenant }),
      }
      const answer = await createProducer(engine).enqueue(type, data, settings)
      const text = answer.duplicate
        ? `not enqueued: job ${answer.id} has its key or id`
        : `enqueued ${answer.id} (${name}, queue ${type.queue})`
      return { json: { id: answer.id, duplicate: answer.duplicate }, text: `${text}\n` }
    })
  },
}

function toPriority(value: string | undefined): Priority | undefined {
  if (value === undefined) return undefined
  const priority = PRIORITIES.find((one) => one === value)
  if (priority) return priority
  throw new UsageError(`--priority ${value} is none of ${PRIORITIES.join(', ')}${suggest(value, PRIORITIES)}`)
}

/** The data as text, from the one place that the command line names. */
async function readData({ parameters, options, io }: Invocation, maxBytes: number): Promise<string> {
  const { data, 'data-file': file } = options
  const word = parameters[1]
  if (word !== undefined && word !== '-') {
    throw new UsageError(`"${word}" is one too many; give data with --data, or "-" to read it from standard input`)
  }
  if ([data, file, word].filter((from) => from !== undefined).length > 1) {
    throw new UsageError('the data come from more than one place; give one of --data, --data-file and "-"')
  }
  if (data !== undefined) return data
  const text =
    word === '-' || file === '-'
      ? await io.readInput(maxBytes)
      : file
        ? await readSmall(resolve(io.cwd, file), maxBytes)
        : 'null'
  if (text !== undefined) return text
  throw new UsageError(
    `the data have more than ${maxBytes} bytes, the limit of one job; store them elsewhere and send a reference`,
  )
}

async function readSmall(path: string, maxBytes: number): Promise<string | undefined> {
  try {
    return (await stat(path)).size > maxBytes ? undefined : await readFile(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`--data-file cannot be read: ${(cause as Error).message}`, { cause })
  }
}

function toData(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message quotes the data.
    throw new UsageError('the data are not JSON; a text has quotes of its own: --data \'"text"\'')
  }
}
