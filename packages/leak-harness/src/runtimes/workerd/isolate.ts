import { HarnessError } from '../../errors.ts'
import type { Snapshot } from '../../heap/snapshot.ts'
import { SnapshotError, SnapshotParser } from '../../heap/snapshot-parser.ts'
import { RemoteDebugSession } from '../cdp.ts'
import { type Held, settleBy } from '../child/settle.ts'
import { answerDebug } from '../debug.ts'

/** A snapshot whose last piece has come needs no more than so many ms for the word that it is done, if that comes at all. */
const LAST_WORD_MS = 1_000

/** How often an isolate that owes an answer is given something to do, in ms. */
const WAKE_EVERY_MS = 200

/** What `Runtime.getHeapUsage` of workerd tells, in bytes. */
interface HeapUsage {
  readonly usedSize: number
  readonly embedderHeapUsedSize?: number
  readonly backingStorageSize?: number
}

/** The isolate of a Worker, as its inspector shows it. */
export class Isolate implements Disposable {
  readonly session: RemoteDebugSession
  readonly #collector: string

  private constructor(session: RemoteDebugSession, collector: string) {
    this.session = session
    this.#collector = collector
  }

  /** Opens the inspector of a Worker that was started with `--expose-gc`, which the Worker does not see from then on. */
  static async open(url: URL): Promise<Isolate> {
    const session = await RemoteDebugSession.open(url)
    try {
      const contexts = await session.listen<{ context: { id: number } }>('Runtime.executionContextCreated', () =>
        session.post('Runtime.enable'),
      )
      session.contextId = contexts[0]?.context.id
      // While it is on, whatever is logged comes over the wire.
      await session.post('Runtime.disable')
      const { result } = await session.post<{ result: { objectId: string } }>('Runtime.evaluate', {
        expression: '(() => { const { gc } = globalThis; delete globalThis.gc; return { gc } })()',
        contextId: session.contextId,
      })
      return new Isolate(session, result.objectId)
    } catch (error) {
      session[Symbol.dispose]()
      throw error
    }
  }

  /** What it holds now, garbage included. */
  async held(): Promise<Held> {
    const usage = await this.session.post<HeapUsage>('Runtime.getHeapUsage')
    return {
      heap: usage.usedSize + (usage.embedderHeapUsedSize ?? 0),
      external: usage.backingStorageSize ?? 0,
    }
  }

  /** What was thrown since the last settle and caught by nobody, the latest last. */
  async errors(): Promise<readonly string[]> {
    const thrown = await this.session.listen<{ exceptionDetails: { text: string } }>('Runtime.exceptionThrown', () =>
      this.session.post('Runtime.enable'),
    )
    await this.session.post('Runtime.disable')
    return thrown.map(({ exceptionDetails }) => exceptionDetails.text.replace(/^Uncaught (?:\(in promise\) )?/, ''))
  }

  /** A full collection. Unlike `HeapProfiler.collectGarbage` it needs no event of the Worker's to be answered. */
  async collect(): Promise<void> {
    await this.session.post('Runtime.callFunctionOn', {
      objectId: this.#collector,
      functionDeclaration: 'function () { this.gc() }',
    })
  }

  /**
   * Collects until nothing more goes.
   * @param turn gives the isolate an event, in which finalizers run
   * @param last the answer of the settle before: when the first round is there, there is nothing to settle
   */
  async settle(turn: () => Promise<unknown>, last?: Held): Promise<Held> {
    // What is logged, and what is thrown, is kept for the inspector.
    await answerDebug(this.session, { want: 'forget' })
    return settleBy(async () => {
      await turn()
      await this.collect()
      return this.held()
    }, last)
  }

  /**
   * Takes a heap snapshot.
   * @param wake gives the isolate an event: it may be that it answers in one only
   */
  async snapshot(wake: () => Promise<unknown>): Promise<Snapshot> {
    const parser = new SnapshotParser()
    const encoder = new TextEncoder()
    let quiet = (): void => {}
    const silence = new Promise<void>((resolve) => {
      quiet = resolve
    })
    let timer: NodeJS.Timeout | undefined
    const waking = setInterval(() => void wake().catch(() => {}), WAKE_EVERY_MS)
    const take = async (): Promise<void> => {
      const answered = this.session.post('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
      // The answer may never come. One that comes too late is nobody's.
      answered.catch(() => {})
      await Promise.race([answered, silence])
    }
    try {
      await this.session.hear<{ chunk: string }>(
        'HeapProfiler.addHeapSnapshotChunk',
        ({ chunk }) => {
          clearInterval(waking)
          clearTimeout(timer)
          parser.push(encoder.encode(chunk))
          if (/\]\s*\}\s*$/.test(chunk)) timer = setTimeout(quiet, LAST_WORD_MS)
        },
        take,
      )
      return parser.end()
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error
      throw new HarnessError('HARNESS_PROTOCOL', error.message, { cause: error })
    } finally {
      clearInterval(waking)
      clearTimeout(timer)
    }
  }

  [Symbol.dispose](): void {
    this.session[Symbol.dispose]()
  }
}
