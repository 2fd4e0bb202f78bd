import { fileURLToPath } from 'node:url'
import type { ClassCensus } from '../../heap/entry-census.ts'
import type { RemoteDebugSession } from '../cdp.ts'
import { answerDebug } from '../debug.ts'
import type { IsolateCounter } from './injected/isolate-counter.ts'
import type { EsbuildLibrary } from './peers.ts'

/** Where the bundle of the counter leaves what it exports, within a function of its own. */
const BUNDLE = 'LeakHarnessCounter'

/** Counts the entries of the containers in an isolate, from outside: its Worker stays as it is. */
export class ContainerCounter {
  readonly #session: RemoteDebugSession
  readonly #objectId: string

  private constructor(session: RemoteDebugSession, objectId: string) {
    this.#session = session
    this.#objectId = objectId
  }

  /** Puts the counter into the isolate of a session. */
  static async inject(session: RemoteDebugSession, esbuild: EsbuildLibrary): Promise<ContainerCounter> {
    const { result } = await session.post<{ result: { objectId: string } }>('Runtime.evaluate', {
      expression: `(() => { ${await bundleCounter(esbuild)}; return ${BUNDLE}.createIsolateCounter() })()`,
      contextId: session.contextId,
    })
    return new ContainerCounter(session, result.objectId)
  }

  async census(): Promise<readonly ClassCensus[]> {
    await this.#call('beginCensus')
    await answerDebug(this.#session, { want: 'instances' })
    return this.#call<readonly ClassCensus[]>('endCensus')
  }

  /** The ids that snapshots give to those containers that still live, by serial number. */
  async find(serials: readonly number[]): Promise<Record<number, number>> {
    if (serials.length === 0) return {}
    await this.#call('beginFind', serials)
    await answerDebug(this.#session, { want: 'instances' })
    const found = await this.#call<readonly number[]>('endFind')
    const ids = (await answerDebug(this.#session, { want: 'ids', count: found.length })) as readonly number[]
    await this.#call('release')
    return Object.fromEntries(found.map((serial, n) => [serial, ids[n] as number]))
  }

  async #call<Answer>(method: keyof IsolateCounter, argument?: readonly number[]): Promise<Answer> {
    const { result } = await this.#session.post<{ result: { value: Answer } }>('Runtime.callFunctionOn', {
      objectId: this.#objectId,
      functionDeclaration: `function (argument) { return this.${method}(argument) }`,
      arguments: argument === undefined ? [] : [{ value: argument }],
      awaitPromise: true,
      returnByValue: true,
    })
    return result.value
  }
}

async function bundleCounter({ build }: EsbuildLibrary): Promise<string> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`./injected/isolate-counter.${extension}`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: BUNDLE,
    platform: 'neutral',
    target: 'es2022',
    tsconfigRaw: {},
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}
