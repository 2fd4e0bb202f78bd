import { readFile } from 'node:fs/promises'
import { HarnessError } from '../../errors.ts'
import type { ModuleSettings, Outcomes } from '../../replay/contract.ts'
import type { TraceText } from '../../replay/host.ts'
import type { ReplayResult } from '../../replay/replay.ts'
import type { StartOptions } from '../driver.ts'
import { type Bundle, bundleModule, bundleWorker } from './bundle.ts'
import { BLOCKED_NOTE, withOutbound } from './outbound.ts'
import type { Peers } from './peers.ts'
import type { Front } from './replay-process.ts'
import { Requests } from './requests.ts'
import { SourcePlaces } from './source-places.ts'
import { MODULE_NAME, type WorkerAnswer, type WorkerCommand } from './worker/commands.ts'
import { WorkerdProcess } from './workerd-process.ts'

/** A request of jobs ends after so many ms, so that progress is heard of. */
const MAX_BATCH_MS = 200

/** Platform of the module: as of this day, with the modules of Node. */
const COMPATIBILITY = { compatibilityDate: '2026-11-01', compatibilityFlags: ['nodejs_compat'] } as const

/** Name of the harness' own Worker. */
const NAME = 'leak-harness'

/** A module that runs in the harness' own Worker. */
export class ModuleFront implements Front {
  readonly settings: ModuleSettings
  readonly reads: Front['reads'] = ['heap', 'external', 'rss', 'handles']
  readonly bundle: Bundle
  readonly scriptName: string = `/${MODULE_NAME}`
  readonly notes: readonly string[]
  readonly #workerd: WorkerdProcess
  readonly #commands: Requests

  private constructor(
    workerd: WorkerdProcess,
    commands: Requests,
    bundle: Bundle,
    settings: ModuleSettings,
    notes: readonly string[],
  ) {
    this.#workerd = workerd
    this.#commands = commands
    this.bundle = bundle
    this.settings = settings
    this.notes = notes
  }

  /**
   * Starts a workerd and loads the module in it.
   * @throws {HarnessError} `HARNESS_LOAD` when it cannot be bundled or loaded, `HARNESS_TRACE` when there is no such trace.
   */
  static async start(
    options: StartOptions,
    { miniflare, esbuild }: Peers,
  ): Promise<{ workerd: WorkerdProcess; front: ModuleFront }> {
    const { module, mode, only, outbound, env } = options
    const [trace, bundle, harness] = await Promise.all([
      readTrace(options.trace),
      bundleModule(esbuild, module, options.imports),
      bundleWorker(esbuild, 'worker'),
    ])
    const workerd = await WorkerdProcess.start({
      ...options,
      library: miniflare,
      workers: withOutbound(
        [
          {
            name: NAME,
            ...COMPATIBILITY,
            cacheAPI: false,
            // Past the Worker through which Miniflare lets requests in, whose garbage is not to be weighed.
            unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
            bindings: env,
            modules: [
              { type: 'ESModule', path: 'leak-harness.js', contents: harness },
              { type: 'ESModule', path: MODULE_NAME, contents: bundle.code },
            ],
          },
        ],
        outbound,
      ),
    })
    try {
      const load: WorkerCommand = { do: 'load', module, trace, only, countDistinct: mode === 'jit' }
      const commands = workerd.owns(new Requests(await workerd.miniflare.unsafeGetDirectURL(NAME)))
      const settings = await workerd.during('load', () => ask<ModuleSettings>(workerd, commands, load))
      const notes = outbound === 'allow' ? [] : [BLOCKED_NOTE]
      return { workerd, front: new ModuleFront(workerd, commands, bundle, settings, notes) }
    } catch (error) {
      await workerd[Symbol.asyncDispose]()
      if (!(error instanceof HarnessError) || error.code !== 'HARNESS_LOAD') throw error
      throw new HarnessError('HARNESS_LOAD', new SourcePlaces(bundle).inText(error.message, MODULE_NAME), {
        cause: error,
      })
    }
  }

  async batch(size: number, { jobs, concurrency }: { jobs: number; concurrency: number }): Promise<number> {
    const result = await this.ask<ReplayResult>({
      do: 'run',
      jobs: Math.min(jobs, Math.max(size, concurrency)),
      concurrency,
      maxMs: MAX_BATCH_MS,
    })
    return result.jobs
  }

  turn(): Promise<unknown> {
    return this.ask({ do: 'turn' })
  }

  outcomes(): Promise<Outcomes> {
    return this.ask({ do: 'outcomes' })
  }

  end(): Promise<string | undefined> {
    return this.ask({ do: 'end' })
  }

  /** Sends a command to the harness' own Worker. */
  ask<Answer>(command: WorkerCommand): Promise<Answer> {
    return ask(this.#workerd, this.#commands, command)
  }
}

async function ask<Answer>(workerd: WorkerdProcess, commands: Requests, command: WorkerCommand): Promise<Answer> {
  const { status, text } = await commands.post(JSON.stringify(command))
  if (status !== 200) throw toError((await workerd.isolate.errors()).at(-1) ?? text)
  const answer = JSON.parse(text) as WorkerAnswer
  if (answer.say === 'failed') throw new HarnessError(answer.code, answer.message)
  return answer.value as Answer
}

/** What workerd itself says in place of an answer. */
function toError(reason: string): HarnessError {
  if (/had hung/.test(reason))
    return new HarnessError(
      'HARNESS_STALLED',
      'a job never settled, and nothing was left that it could wait for; mend it, or give jobs a timeout of their own',
    )
  return new HarnessError(
    'HARNESS_EXITED',
    `workerd ended the request in which the jobs ran; a handler must not end its process (${reason})`,
  )
}

async function readTrace(file: string | undefined): Promise<TraceText | undefined> {
  if (file === undefined) return undefined
  try {
    return { text: await readFile(file, 'utf8'), file }
  } catch (cause) {
    throw new HarnessError('HARNESS_TRACE', `cannot read the trace ${file}; give the path of a JSONL file`, { cause })
  }
}
