import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../', import.meta.url))
const WRANGLER = fileURLToPath(new URL('../../node_modules/wrangler/bin/wrangler.js', import.meta.url))

/** Longest time that `wrangler dev` may take to answer, in ms. */
const START_MS = 60_000

function start(args: readonly string[], detached: boolean): ChildProcess {
  return spawn(process.execPath, [WRANGLER, ...args], {
    cwd: FOLDER,
    detached,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true', NO_COLOR: '1' },
  })
}

/** Runs a command of wrangler in the demo's folder to its end; answers with what it printed. */
export async function wrangler(...args: readonly string[]): Promise<string> {
  const child = start(args, false)
  const printed = Promise.all([child.stdout, child.stderr].map((stream) => text(stream as NonNullable<typeof stream>)))
  const [code] = await once(child, 'close')
  const said = (await printed).join('\n')
  if (code !== 0) throw new Error(`wrangler ${args.join(' ')} ended with ${code}:\n${said}`)
  return said
}

/** The demo under `wrangler dev`. */
export interface WranglerDev extends AsyncDisposable {
  /** Its answer as JSON; with a body, to a POST. */
  ask<Answer>(path: string, body?: unknown): Promise<Answer>
}

/** Starts the demo with its tables made, its state in a folder. */
export async function startWranglerDev(state: string): Promise<WranglerDev> {
  await wrangler('d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', state)
  const port = await freePort()
  const args = ['dev', '--port', String(port), '--inspector-port', '0', '--persist-to', state, '--log-level', 'error']
  const child = start(args, true)
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (printed += chunk))
  const exit = once(child, 'exit')
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    await exit
  }
  const ask = async <Answer>(path: string, body?: unknown): Promise<Answer> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const said = await answer.text()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${said}`)
    return JSON.parse(said)
  }
  const startedAt = performance.now()
  while (!(await ask('/healthz').catch(() => undefined))) {
    if (child.exitCode === null && performance.now() - startedAt < START_MS) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      continue
    }
    await close()
    throw new Error(`wrangler dev did not answer:\n${printed}`)
  }
  return { ask, [Symbol.asyncDispose]: close }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
