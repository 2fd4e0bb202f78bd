import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { fixture, startCli } from './run-cli.ts'

/** In ms, and less than the job takes. */
const TIMEOUT_MS = 90_000

it.each(['node', 'deno', 'bun'])(
  'leaves no process of %s behind when it is killed, though their jobs never end',
  {
    timeout: TIMEOUT_MS,
  },
  async (runtime) => {
    const folder = await mkdtemp(join(tmpdir(), 'leak-harness-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const server = createServer().listen(join(folder, 'socket'))
    onTestFinished(() => void server.close())
    const looping = new Set<Socket>()
    const bothLoop = new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        // A process that is killed may break its connection instead of closing it.
        socket.on('error', () => {})
        socket.once('data', () => {
          if (looping.add(socket).size === 2) resolve()
        })
      })
    })

    const child = startCli(['run', fixture('tells-and-loops.ts'), '--runtime', runtime, '--stall', '10m'], {
      env: { TELL_SOCKET: join(folder, 'socket') },
    })
    await Promise.race([bothLoop, once(child, 'exit')])
    expect(child.exitCode).toBeNull()
    const gone = [...looping].map((socket) => once(socket, 'close'))
    child.kill('SIGKILL')
    await Promise.all(gone)
    expect(gone.length).toBe(2)
  },
)
