/**
 * The process under test: loads the module and does what the parent says, one command at a time. Between commands it
 * waits in a blocking read, so that nothing of the harness runs, or is allocated, but what was asked for.
 */
import { readFileSync } from 'node:fs'
import { types } from 'node:util'
import type { ChosenJobs, Observation } from '../../bleed/observation.ts'
import type { JobBench } from '../../bleed/observe.ts'
import { HarnessError, toFailure } from '../../errors.ts'
import type { EntryCensus } from '../../heap/entry-census.ts'
import { createReplayHost } from '../../replay/host.ts'
import { loadModule } from '../../replay/module.ts'
import type { Identities, Reading, RunOptions } from '../driver.ts'
import type { Command, Loaded, Message } from './commands.ts'
import { EntryCounter } from './entry-counter.ts'
import { openChannel } from './line-channel.ts'
import { createPlatform } from './platform.ts'
import { type Engine, type Held, settle } from './settle.ts'

/** How often progress is told, in ms. */
const PROGRESS_EVERY_MS = 200

/** A timer that never fires in a run's life: jobs that wait for something unref'd need a loop that stays alive. */
const KEEP_ALIVE_MS = 2 ** 31 - 1

// Taken before the module can replace them, and out of its sight where its own environment has no such thing.
const { setTimeout, setInterval, setImmediate, performance, process } = globalThis
const exit = process.exit.bind(process)
const now = performance.now.bind(performance)
const channel = openChannel()
const send = (message: Message): void => channel.send(JSON.stringify(message))
const platform = await createPlatform((request) => send({ say: 'debug', request }))
const engine: Engine = {
  gc: platform.gc,
  held: platform.held,
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}
const counter = new EntryCounter(
  async (prototype, each) =>
    void (await platform.debug(
      { want: 'instances' },
      { objects: [prototype], found: (objects) => objects.forEach(each) },
    )),
  types,
)
const host = createReplayHost()

let last: Held | undefined
let bench: JobBench | undefined
let lastProgress = 0

function onJob(jobs: number): void {
  const time = now()
  if (time - lastProgress < PROGRESS_EVERY_MS) return
  lastProgress = time
  send({ say: 'progress', jobs })
}

async function load({ module, trace: file, ...options }: Extract<Command, { do: 'load' }>): Promise<Loaded> {
  const trace = file === undefined ? undefined : { text: readTrace(file), file }
  const settings = await host.load(await loadModule(module), { trace, ...options })
  return { version: platform.version, settings }
}

function readTrace(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new HarnessError('HARNESS_TRACE', `cannot read the trace ${file}; give the path of a JSONL file`, { cause })
  }
}

async function run(jobs: number, { concurrency, maxGrowth }: RunOptions): Promise<unknown> {
  const used = (): number => {
    const { heap, external } = engine.held()
    return heap + external
  }
  const limit = used() + maxGrowth
  const shouldStop = (): boolean => {
    if (used() <= limit) return false
    // Only what a collection leaves counts: a handler may well make that much garbage.
    engine.gc()
    return used() > limit
  }
  return host.run(jobs, { concurrency, turn: engine.turn, now, onJob, shouldStop })
}

async function read(): Promise<Reading> {
  last = await settle(engine, last)
  return { job: host.tally.jobs, ...last, ...platform.figures() }
}

async function census(): Promise<EntryCensus> {
  await settle(engine)
  return { job: host.tally.jobs, classes: await counter.census() }
}

async function snapshot(file: string): Promise<number> {
  await platform.debug({ want: 'forget' }, { objects: [] })
  await settle(engine)
  await platform.writeSnapshot(file)
  return host.tally.jobs
}

async function identify(serials: readonly number[]): Promise<Identities> {
  const found = serials.length === 0 ? [] : [...(await counter.find(new Set(serials)))]
  const objects = found.map(([, container]) => container)
  const ids = (await platform.debug({ want: 'ids', count: objects.length }, { objects })) as number[]
  const scripts = (await platform.debug({ want: 'scripts' }, { objects: [] })) as Record<number, string>
  return { scripts, containers: Object.fromEntries(ids.map((id, n) => [found[n]?.[0], id])) }
}

async function choose(scan: number, limit: number): Promise<ChosenJobs> {
  // Only here: nothing of it is in the processes that are weighed.
  const { JobBench } = await import('../../bleed/observe.ts')
  bench = new JobBench()
  return bench.choose(host.source, scan, limit)
}

async function observe({ jobs, options }: Extract<Command, { do: 'observe' }>): Promise<Observation[]> {
  if (!bench) throw new HarnessError('HARNESS_PROTOCOL', 'observe came before choose')
  const { subject, tally } = host
  return bench.observe(jobs, {
    subject,
    ...options,
    now,
    turn: engine.turn,
    onJob: (name, outcome) => {
      if (outcome === 'done') tally.done(name)
      else tally.failed(name, outcome)
      onJob(tally.jobs)
    },
  })
}

function obey(command: Command): unknown {
  switch (command.do) {
    case 'load':
      return load(command)
    case 'run':
      return run(command.jobs, command.options)
    case 'read':
      return read()
    case 'census':
      return census()
    case 'snapshot':
      return snapshot(command.file)
    case 'identify':
      return identify(command.serials)
    case 'idle':
      return engine.sleep(command.ms)
    case 'outcomes':
      return host.outcomes()
    case 'choose':
      return choose(command.scan, command.limit)
    case 'observe':
      return observe(command)
    case 'end':
      return host.end()
  }
}

setInterval(() => {}, KEEP_ALIVE_MS)
process.on('exit', () => send({ say: 'exit', jobs: host.tally.jobs }))

for (let line = channel.receive(); line !== undefined; line = channel.receive()) {
  const command = JSON.parse(line) as Command
  try {
    send({ say: 'answer', value: await obey(command) })
  } catch (error) {
    send({ say: 'failed', ...toFailure(error) })
  }
  if (command.do === 'end') break
}
exit(0)
