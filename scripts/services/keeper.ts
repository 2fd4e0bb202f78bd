/**
 * A process between us and a server that we start: it owns the server and its folder, and ends both when its channel to
 * us closes. That happens however we end, kill -9 included. It is started by `keep` (kept-process.ts), in a process
 * group of its own, so that a Ctrl-C meant for us does not reach the server before we are done with it.
 *
 * It is *empty* at first, *busy* while a program of its runs, and ends when it is disconnected. One request at a time.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Answer, KeeperOptions, Program, Request } from './kept-process.ts'

/** How long a program may take to be ready, or to end, in ms. */
const PATIENCE_MS = 60_000

/** What is kept of a program's output, to be told when it fails, in characters. */
const OUTPUT_KEPT = 2_000

/** A program with the end of what it wrote. */
type Launched = ChildProcess & { output: () => string }

const { kind, account, endSignal }: KeeperOptions = JSON.parse(process.argv[2] ?? '')
const prefix = `isobar-${kind}-`
removeLeftovers()
const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
if (account) chownSync(folder, account.uid, account.gid)

/** The program that runs now. */
let current: Launched | undefined
let ending = false

process.on('disconnect', end)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
process.on('message', (request: Request) => {
  answer(request).then(tell, (error: unknown) =>
    tell({ error: error instanceof Error ? error.message : String(error) }),
  )
})
tell({ folder })

async function answer(request: Request): Promise<Answer> {
  if ('run' in request) await ended(launch(request.run), request.run)
  else if ('start' in request) await ready(launch(request.start), request.start)
  else await stop(request.stop)
  return current?.pid === undefined ? {} : { pid: current.pid }
}

function launch({ command, args, argv0, env }: Program): Launched {
  const child = spawn(command, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...account,
    ...(argv0 !== undefined && { argv0 }),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-OUTPUT_KEPT)
    })
  const launched = Object.assign(child, { output: () => output.trim() })
  current = launched
  child.on('exit', () => {
    if (current === launched) current = undefined
  })
  return launched
}

/** Resolves when a program has said that it is ready. */
function ready(child: Launched, { command, ready = '' }: Program): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const fail = (what: string): void => {
      clearTimeout(timer)
      reject(new Error(`${command} ${what}: ${child.output()}`))
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail(`was not ready within ${PATIENCE_MS} ms`)
    }, PATIENCE_MS)
    const look = (): void => {
      if (!child.output().includes(ready)) return
      clearTimeout(timer)
      for (const stream of [child.stdout, child.stderr]) stream?.off('data', look)
      resolve()
    }
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', look)
    child.on('error', ({ message }) => fail(message))
    child.on('exit', (code, signal) => fail(`ended with ${code ?? signal}`))
  })
}

/** Resolves when a program has ended well. */
function ended(child: Launched, { command }: Program): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ended with ${code ?? signal}: ${child.output()}`))
    })
  })
}

function stop(signal: NodeJS.Signals): Promise<void> {
  const child = current
  if (!child) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill(signal)
    // One that was stopped in its tracks hears of it only now.
    child.kill('SIGCONT')
  })
}

async function end(): Promise<void> {
  // Twice is usual: the channel closes, and a signal comes.
  if (ending) return
  ending = true
  await stop(endSignal)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.exit(0)
}

function tell(answer: Answer): void {
  if (process.connected) process.send?.(answer, undefined, undefined, () => {})
}

/**
 * Folders whose keepers were killed. A PostgreSQL server that still runs in one ends itself within a minute when it
 * finds its lock file gone, so that nothing has to be killed by a process id that may be somebody else's by now.
 */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : Number.NaN
    if (pid > 0 && !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
