import { readSync, writeSync } from 'node:fs'

/** The harness' channel as the process under test holds it. */
export interface LineChannel {
  /** Waits for the next line; undefined when the other side has closed. */
  receive(): string | undefined
  send(line: string): void
}

/**
 * Lines over a descriptor, with blocking calls. A stream or `process.send` would put handles, listeners and buffers of
 * the harness' own into what is measured, and change what a handler sees of its process; and a blocking write arrives
 * even when the next thing the handler does is to end the process.
 */
export function createLineChannel(fd: number): LineChannel {
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
        const read = readSync(fd, chunk)
        if (read === 0) return undefined
        pending += chunk.toString('latin1', 0, read)
      }
    },
    send(line) {
      const bytes = Buffer.from(`${line}\n`)
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    },
  }
}
