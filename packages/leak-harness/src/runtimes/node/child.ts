/**
 * The process under test: loads the module and does what the parent says, one command at a time. Between commands it
 * waits in a blocking read, so that nothing of the harness runs, or is allocated, but what was asked for.
 */
import { readFileSync } from 'node:fs'
import { getHeapStatistics, writeHeapSnapshot } from 'node:v8'
import type { ChosenJobs, Observation } from '../../bleed/observation.ts'
import type { JobBench } from '../../bleed/observe.ts'
import { HarnessError } from '../../errors.ts'
import type { EntryCensus } from '../../heap/entry-census.ts'
import { createJobSource, type JobSource } from '../../replay/job-source.ts'
import { type LoadedModule, loadModule, toSettings } from '../../replay/module.ts'
import { onlyType } from '../../replay/only-type.ts'
import { replay } from '../../replay/replay.ts'
import { Tally } from '../../replay/tally.ts'
import { parseTrace } from '../../replay/trace.ts'
import type { Identities, Reading, RunOptions } from '../driver.ts'
import { CHANNEL_FD, type Command, LIFELINE_FD, type Loaded, type Message } from './commands.ts'
import { forgetLogged, listScripts, snapshotIdOf } from './debugger.ts'
import { EntryCounter } from './entry-counter.ts'
import { readFigures } from './figures.ts'
import { watchParent } from './lifeline.ts'
import { createLineChannel } from './line-channel.ts'
import { type Engine, type Held, settle } from './settle.ts'

/** How often progress is told, in ms. */
const PROGRESS_EVERY_MS = 200

/** A timer that never fires in a run's life: jobs that wait for something unref'd need a loop that stays alive. */
const KEEP_ALIVE_MS = 2 ** 31 - 1

// Taken before the module can replace them, and out of its sight where its own environment has no such thing.
const { setTimeout, setInterval, setImmediate, performance, process } = globalThis
const { gc } = globalThis
globalThis.gc = undefined
const exit = process.exit.bind(process)
const now = performance.now.bind(performance)
const engine: Engine = {
  gc: () => gc?.(),
  held: () => {
    const { used_heap_size, external_memory } = getHeapStatistics()
    return { heap: used_heap_size, external: external_memory }
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}

// From the start: the module may loop for ever as it loads.
const watched = watchParent(LIFELINE_FD)
const counter = new EntryCounter()
const channel = createLineChannel(CHANNEL_FD)
const send = (message: Message): void => channel.send(JSON.stringify(message))

let module: LoadedModule | undefined
let source: JobSource | undefined
let tally = new Tally(false)
let last: Held | undefined
let bench: JobBench | undefined
let lastProgress = 0

function onJob(jobs: number): void {
  const time = now()
  if (time - lastProgress < PROGRESS_EVERY_MS) return
  lastProgress = time
  send({ say: 'progress', jobs })
}

async function load({
  module: path,
  trace: file,
  only,
  countDistinct,
}: Extract<Command, { do: 'load' }>): Promise<Loaded> {
  await watched
  const trace = file === undefined ? undefined : parseTrace(readTrace(file), file, only)
  module = await loadModule(path)
  const all = createJobSource(module, trace)
  source = only === undefined || trace ? all : onlyType(all, only)
  tally = new Tally(countDistinct)
  try {
    await module.options.setup?.()
    await module.subject.start()
  } catch (cause) {
    throw new HarnessError(
      'HARNESS_LOAD',
      `the set-up of ${path} failed: ${cause instanceof Error ? cause.stack : String(cause)}`,
      { cause },
    )
  }
  return { version: process.version, settings: toSettings(module, trace) }
}

function readTrace(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new HarnessError('HARNESS_TRACE', `cannot read the trace ${file}; give the path of a JSONL file`, { cause })
  }
}

async function run(jobs: number, { concurrency, maxGrowth }: RunOptions): Promise<unknown> {
  if (!module || !source) throw new HarnessError('HARNESS_PROTOCOL', 'run came before load')
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
  return replay(tally.jobs, jobs, {
    subject: module.subject,
    source,
    tally,
    concurrency,
    turn: engine.turn,
    now,
    onJob,
    shouldStop,
  })
}

async function read(): Promise<Reading> {
  last = await settle(engine, last)
  return { job: tally.jobs, ...last, ...readFigures() }
}

async function census(): Promise<EntryCensus> {
  await settle(engine)
  return { job: tally.jobs, classes: counter.census() }
}

async function snapshot(file: string): Promise<number> {
  forgetLogged()
  await settle(engine)
  writeHeapSnapshot(file)
  return tally.jobs
}

function identify(serials: readonly number[]): Identities {
  const containers: Record<number, number> = {}
  for (const [serial, container] of serials.length === 0 ? [] : counter.find(new Set(serials)))
    containers[serial] = snapshotIdOf(container)
  return { scripts: listScripts(), containers }
}

async function choose(scan: number, limit: number): Promise<ChosenJobs> {
  if (!source) throw new HarnessError('HARNESS_PROTOCOL', 'choose came before load')
  // Only here: nothing of it is in the processes that are weighed.
  const { JobBench } = await import('../../bleed/observe.ts')
  bench = new JobBench()
  return bench.choose(source, scan, limit)
}

async function observe({ jobs, options }: Extract<Command, { do: 'observe' }>): Promise<Observation[]> {
  if (!module || !bench) throw new HarnessError('HARNESS_PROTOCOL', 'observe came before choose')
  return bench.observe(jobs, {
    subject: module.subject,
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

/** Answers with what went wrong, which changes no verdict. */
async function end(): Promise<string | undefined> {
  try {
    await module?.options.teardown?.()
    await module?.subject.end()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
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
      return tally.outcomes()
    case 'choose':
      return choose(command.scan, command.limit)
    case 'observe':
      return observe(command)
    case 'end':
      return end()
  }
}

setInterval(() => {}, KEEP_ALIVE_MS)
process.on('exit', () => send({ say: 'exit', jobs: tally.jobs }))

for (let line = channel.receive(); line !== undefined; line = channel.receive()) {
  const command = JSON.parse(line) as Command
  try {
    send({ say: 'answer', value: await obey(command) })
  } catch (error) {
    const { code, message } =
      error instanceof HarnessError
        ? error
        : new HarnessError('HARNESS_PROTOCOL', String((error as Error)?.stack ?? error))
    send({ say: 'failed', code, message })
  }
  if (command.do === 'end') break
}
exit(0)
