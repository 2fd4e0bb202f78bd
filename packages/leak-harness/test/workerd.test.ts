import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runHarness } from '@isobar/leak-harness'
import { describe, expect, it, type TestContext } from 'vitest'
import type { HarnessReport } from '../src/result.ts'
import type { HarnessOptions } from '../src/run-harness.ts'
import { CLI_TIMEOUT_MS, cli, fixture, inTurn } from './run-cli.ts'

/** Judges a fixture in workerd, with a short run. */
function judgeIn(file: string, options: Partial<HarnessOptions> = {}): Promise<HarnessReport> {
  return inTurn(() =>
    runHarness({ module: fixture(file), runtimes: ['workerd'], jobs: 1_000, warmup: 200, ...options }),
  )
}

/** The first error of a run that is to fail. */
async function failureOf(file: string, options?: Partial<HarnessOptions>): Promise<HarnessReport['failed'][0]> {
  const { runs, failed } = await judgeIn(file, options)
  expect(runs).toEqual([])
  return failed[0] as HarnessReport['failed'][0]
}

/** A server that ends with its test. */
async function startServer(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  onConnection: (socket: Socket) => void = () => {},
): Promise<Server> {
  const server = createServer((_, response) => void response.end('ok')).on('connection', onConnection)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return server
}

const portOf = (server: Server): string => String((server.address() as AddressInfo).port)

describe.concurrent('in workerd', { timeout: CLI_TIMEOUT_MS }, () => {
  it('a clean handler is flat, to the byte', async () => {
    const { runs, failed } = await judgeIn('noop.ts')
    expect(failed).toEqual([])
    const [run] = runs
    expect(run?.verdict, run?.because).toBe('flat')
    expect(run?.measures).toMatchObject({ heap: { slope: 0 }, external: { slope: 0 }, handles: { slope: 0 } })
    expect(run?.measures.rss.verdict).toBe('flat')
    expect(run?.runtime).toEqual({ name: 'workerd', version: expect.stringMatching(/^1\.20\d{6}\.\d+$/) })
    expect(run?.notes.join()).toContain('requests to the network were blocked')
  })

  it('an isobar app is flat', async () => {
    const { runs, failed } = await judgeIn('isobar-app.ts')
    expect(failed).toEqual([])
    expect(runs[0]?.verdict, runs[0]?.because).toBe('flat')
    expect(runs[0]?.outcomes).toEqual({ done: 1_200, failed: 0 })
  })

  it('64 bytes kept a job are found, weighed and named', async () => {
    const { runs } = await judgeIn('workerd/kept.ts')
    const [run] = runs
    expect(run?.verdict, run?.because).toBe('leak')
    expect(run?.measures.heap.slope).toBe(64)
    expect(run?.cohort.groups[0]).toMatchObject({ constructor: 'Invoice', perJob: 1, state: 'leaks' })
    expect(run?.cohort.groups[0]?.path).toEqual([
      'workerd/kept.ts',
      'variable last: Invoice',
      expect.stringMatching(/^\.before: Invoice x /),
    ])
  })

  it('a container that gains an entry a job is counted and named', async () => {
    const { runs } = await judgeIn('preloaded-map.ts', { timeMs: 1 })
    expect(runs[0]?.verdict, runs[0]?.because).toBe('leak')
    expect(runs[0]?.containers[0]).toMatchObject({
      type: 'Map',
      state: 'leaks',
      perJob: 1,
      owner: 'fixtures/preloaded-map.ts → variable table: Map',
    })
  })

  it('a handler that eats memory is stopped before it has eaten all', async () => {
    const { runs } = await judgeIn('eats-memory.ts', { timeMs: 1 })
    expect(runs[0]?.verdict, runs[0]?.because).toBe('leak')
    expect(runs[0]?.notes.join()).toContain('memory had grown by 256 MB')
  })
})

it('in workerd state that reaches other jobs is found', { timeout: CLI_TIMEOUT_MS }, async () => {
  const { runs, failed } = await judgeIn('bleed/app-bleeds.ts', { jobs: 300, warmup: 50, timeMs: 1, bleed: true })
  expect(failed).toEqual([])
  expect(runs[0]?.bleed).toMatchObject({ verdict: 'bleeds', because: 'visit answers differently after login' })
})

describe.concurrent('in workerd a run that fails says why', { timeout: CLI_TIMEOUT_MS }, () => {
  it('every job fails', async () => {
    const failure = await failureOf('throws.ts')
    expect(failure).toMatchObject({ code: 'HARNESS_JOBS_FAILED', partial: { outcomes: { done: 0, failed: 200 } } })
    expect(failure.error).toContain('TypeError: no mailbox for job 0')
  })

  it('a job never ends', async () => {
    const failure = await failureOf('loops.ts', { stallMs: 2_000 })
    expect(failure.code).toBe('HARNESS_STALLED')
    expect(failure.error).toContain('--stall')
  })

  it('a job waits for what cannot come', async () => {
    const failure = await failureOf('hangs.ts')
    expect(failure).toMatchObject({ code: 'HARNESS_STALLED', error: expect.stringContaining('never settled') })
  })

  it('a job ends its process', async () => {
    const failure = await failureOf('exits.ts')
    expect(failure).toMatchObject({ code: 'HARNESS_EXITED', error: expect.stringContaining('process.exit(0)') })
  })

  it('a job takes more memory than there is', async () => {
    const args = ['run', fixture('runs-out-of-memory.ts'), '--runtime', 'workerd', '--jobs', '500', '--warmup', '0']
    const { code, stdout } = await cli([...args, '--reporter', 'json'], {
      env: { MINIFLARE_WORKERD_V8_FLAGS: '--max-old-space-size=64' },
    })
    expect(code).toBe(3)
    expect((JSON.parse(stdout) as HarnessReport).failed[0]?.code).toBe('HARNESS_OUT_OF_MEMORY')
  })

  it('the module cannot be loaded, is none, or imports what is not there', async ({ onTestFinished }) => {
    const broken = await failureOf('breaks-on-load.ts')
    expect(broken).toMatchObject({
      code: 'HARNESS_LOAD',
      error: expect.stringMatching(/no configuration\n.*fixtures\/breaks-on-load\.ts:\d/),
    })
    const none = await failureOf('no-handler.ts')
    expect(none.error).toContain('neither an isobar app nor a function')
    const folder = await mkdtemp(join(tmpdir(), 'leak-harness-test-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'mail.js'), "import { send } from './not-there.js'\nexport default send\n")
    const missing = await failureOf('', { module: join(folder, 'mail.js') })
    expect(missing).toMatchObject({
      code: 'HARNESS_LOAD',
      error: expect.stringContaining('Could not resolve "./not-there.js" (mail.js:1)'),
    })
  })

  it('it is aborted', async () => {
    const stop = new AbortController()
    const failure = await failureOf('noop.ts', { signal: stop.signal, onProgress: () => stop.abort() })
    expect(failure.code).toBe('HARNESS_ABORTED')
  })
})

describe.concurrent('workerd and the network', { timeout: CLI_TIMEOUT_MS }, () => {
  it('is blocked, and a job that asks for it hears so', async (test) => {
    const server = await startServer(test, () => expect.unreachable())
    const failure = await failureOf('workerd/fetches.ts', { env: { TEST_PORT: portOf(server) } })
    expect(failure.code).toBe('HARNESS_JOBS_FAILED')
    expect(failure.error).toContain(`blocks requests to the network, here to 127.0.0.1:${portOf(server)}`)
  })

  it('is there when that is allowed', async (test) => {
    const server = await startServer(test)
    const options = { env: { TEST_PORT: portOf(server) }, outbound: 'allow', jobs: 200, warmup: 50 } as const
    const { runs, failed } = await judgeIn('workerd/fetches.ts', options)
    expect(failed).toEqual([])
    expect(runs[0]?.outcomes).toEqual({ done: 250, failed: 0 })
    expect(runs[0]?.notes.join()).not.toContain('blocked')
  })
})

it('no workerd is left behind when the harness is killed', { timeout: CLI_TIMEOUT_MS }, async (test) => {
  // What is killed cannot remove its own.
  const folder = await mkdtemp(join(tmpdir(), 'leak-harness-test-'))
  test.onTestFinished(() => rm(folder, { recursive: true }))
  const sockets = new Set<Socket>()
  let child: ChildProcess | undefined
  const gone = await new Promise<Promise<unknown>[]>((resolve, reject) => {
    const onConnection = (socket: Socket): void => {
      socket.on('error', () => {})
      if (sockets.add(socket).size < 2) return
      resolve([...sockets].map((one) => once(one, 'close')))
    }
    startServer(test, onConnection).then((server) => {
      child = spawn(process.execPath, [fixture('workerd/harness-that-is-killed.ts'), portOf(server)], {
        stdio: 'ignore',
        env: { ...process.env, TMPDIR: folder },
      }).once('exit', () => reject(new Error('the harness ended by itself')))
    }, reject)
  })
  child?.removeAllListeners('exit').kill('SIGKILL')
  await Promise.all(gone)
  expect(gone.length).toBe(2)
})
