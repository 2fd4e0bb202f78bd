import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'

/** What a command line has to do with the world. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that paths are relative to. */
  readonly cwd: string
  /** Columns of the terminal that results go to; undefined when they go elsewhere. */
  readonly columns: number | undefined
  now(): number
  out(text: string): void
  /** A line for whoever runs the command, on standard error. */
  tell(line: string): void
  /** All of standard input; undefined when it has more bytes than `max`. */
  readInput(max: number): Promise<string | undefined>
  /** What somebody at a terminal answers; undefined when nobody is there to be asked. */
  ask: ((question: string) => Promise<string>) | undefined
}

/** The part of a process that commands use. */
export interface IoProcess {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  cwd(): string
}

/** The world of a process. Whoever reads its output may stop reading at any time: that is no error. */
export function createIo(process: IoProcess): Io {
  const { env, stdin, stdout, stderr } = process
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  return {
    env,
    // Package managers run scripts in the package's folder and say here where they were called.
    cwd: env['INIT_CWD'] ?? process.cwd(),
    columns: stdout.isTTY ? (stdout.columns ?? 80) : undefined,
    now: () => Date.now(),
    out: (text) => void stdout.write(text),
    tell: (line) => void stderr.write(`${line}\n`),
    async readInput(max) {
      const chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of stdin) {
        bytes += (chunk as Buffer).length
        if (bytes > max) return undefined
        chunks.push(chunk as Buffer)
      }
      return Buffer.concat(chunks).toString('utf8')
    },
    ask: stdin.isTTY && stderr.isTTY ? (question) => ask(question, stdin, stderr) : undefined,
  }
}

async function ask(question: string, input: Readable, output: Writable): Promise<string> {
  const reader = createInterface({ input, output })
  // Ctrl-C and Ctrl-D close it without an answer.
  const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')))
  try {
    return await Promise.race([reader.question(question), closed])
  } finally {
    reader.close()
  }
}
