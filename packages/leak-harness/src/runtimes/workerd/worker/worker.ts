/**
 * The Worker under test: loads the module, and does what a request says. Jobs run within requests, as those of a queue do
 * within a batch; what is tied to a request is gone when it ends.
 */

import { JobBench as Bench, type JobBench } from '../../../bleed/observe.ts'
import { HarnessError, toFailure } from '../../../errors.ts'
import { createReplayHost } from '../../../replay/host.ts'
import { type LoadedModule, toLoadedModule } from '../../../replay/module.ts'
import { MODULE_NAME, type WorkerAnswer, type WorkerCommand } from './commands.ts'

// Taken before the module can replace them.
const { setTimeout, performance, Response } = globalThis
const { stringify } = JSON
const now = performance.now.bind(performance)
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

const host = createReplayHost()
let bench: JobBench | undefined

async function loadSubject(path: string): Promise<LoadedModule> {
  // In a variable, the bundler leaves it alone.
  const name: string = `./${MODULE_NAME}`
  let exports: Record<string, unknown>
  try {
    exports = (await import(name)) as Record<string, unknown>
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
    throw new HarnessError('HARNESS_LOAD', `cannot load ${path} in workerd: ${reason}`, { cause })
  }
  return toLoadedModule(exports, path)
}

function run({ jobs, concurrency, maxMs }: Extract<WorkerCommand, { do: 'run' }>): Promise<unknown> {
  const startedAt = now()
  return host.run(jobs, {
    concurrency,
    turn,
    now,
    onJob: () => {},
    shouldStop: () => now() - startedAt > maxMs,
  })
}

function observe({ jobs, options }: Extract<WorkerCommand, { do: 'observe' }>): Promise<unknown> {
  if (!bench) throw new HarnessError('HARNESS_PROTOCOL', 'observe came before choose')
  const { subject, tally } = host
  return bench.observe(jobs, {
    subject,
    ...options,
    now,
    turn,
    onJob: (name, outcome) => (outcome === 'done' ? tally.done(name) : tally.failed(name, outcome)),
  })
}

async function obey(command: WorkerCommand): Promise<unknown> {
  switch (command.do) {
    case 'load':
      return host.load(await loadSubject(command.module), command)
    case 'run':
      return run(command)
    case 'turn':
      return turn()
    case 'outcomes':
      return host.outcomes()
    case 'choose':
      bench = new Bench()
      return bench.choose(host.source, command.scan, command.limit)
    case 'observe':
      return observe(command)
    case 'end':
      return host.end()
  }
}

async function answer(command: WorkerCommand): Promise<WorkerAnswer> {
  try {
    return { say: 'answer', value: await obey(command) }
  } catch (error) {
    return { say: 'failed', ...toFailure(error) }
  }
}

const worker: { fetch(request: Request): Promise<Response> } = {
  fetch: async (request) => new Response(stringify(await answer((await request.json()) as WorkerCommand))),
}
export default worker
