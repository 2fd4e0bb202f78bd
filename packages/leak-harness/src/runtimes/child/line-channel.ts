import { readSync, writeSync } from 'node:fs'
import { CHANNEL_VARIABLE } from './commands.ts'

/** The harness' channel as the process under test holds it. */
export interface LineChannel {
  /** Waits for the next line; undefined when the other side has closed. */
  receive(): string | undefined
  send(line: string): void
}

/** The channel that the environment names, which the module under test then does not see. */
export function openChannel(): LineChannel {
  const [input = '3', output = input, mark = ''] = (process.env[CHANNEL_VARIABLE] ?? '').split(',')
  delete process.env[CHANNEL_VARIABLE]
  return createLineChannel(Number(input), Number(output), mark)
}

/**
 * Lines over descriptors, with blocking calls. A stream or `process.send` would put handles, listeners and buffers of
 * the harness' own into what is measured, and change what a handler sees of its process; and a blocking write arrives
 * even when the next thing the handler does is to end the process.
 */
function createLineChannel(input: number, output: number, mark: string): LineChannel {
  const chunk = Buffer.alloc(4096)
  let pending = ''
  return {
    receive() {
      for (;;) {
        const end = pending.indexOf('\n')
        if (end >= 0) {
          const line = pending.slice(0, end)
          pending = pending.slice(end + 1)
          return line
        }
        const read = readSync(input, chunk)
        if (read === 0) return undefined
        pending += chunk.toString('latin1', 0, read)
      }
    },
    send(line) {
      const bytes = Buffer.from(`${mark}${line}\n`)
      for (let at = 0; at < bytes.length; ) at += writeSync(output, bytes, at)
    },
  }
}
