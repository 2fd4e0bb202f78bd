import type { PauseKind } from '../pauses.ts'
import type { Permissions } from './permissions.ts'

/** Bytes of this process, as its runtime tells them. */
export interface Figures {
  /** What the heap and what it keeps outside take together. */
  readonly total: number
  readonly heapUsed: number
  readonly external: number
  readonly arrayBuffers: number
  readonly rss: number
}

/** A program to start, its arguments, and what comes before this process's environment. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** How isolates are started. */
export interface IsolateCommandOptions {
  /** The URL of the module that exports the app. */
  readonly module: string
  /** Bytes that it may take. */
  readonly memory: number
  /** Flags for the runtime. */
  readonly execArgv: readonly string[]
  /** Where the runtime can restrict them; undefined: what this process may. */
  readonly permissions: Permissions | undefined
}

/** A server that answers requests. */
export interface HttpServer extends AsyncDisposable {
  /** The port it listens on. */
  readonly port: number
}

/** Where an `HttpServer` listens. */
export interface Address {
  readonly port: number
  readonly hostname: string
}

/** What a worker, its isolates and their guardian do in another way in each runtime. */
export interface Platform {
  readonly name: 'Node' | 'Deno' | 'Bun'
  /** Whether it can hold processes to permissions. */
  readonly restricts: boolean
  /** Whether `fs.writeSync` heeds a position when it is given a text. */
  readonly writesTextAt: boolean
  readFigures(): Figures
  /** Bytes of objects of which no full collection has said yet whether they stay; 0 where that is not known. */
  readYoung(): number
  /** A full collection; a thorough one also gives pages back. */
  collect(thorough: boolean): void
  /**
   * Calls back after full collections that the engine makes by itself: after most of them, and soon. In Node
   * also with how long each collection, full or not, has stopped this process, in ms: the others do not tell. Answers how to
   * stop that.
   */
  watchCollections(onCollection: () => void, onPause: (kind: PauseKind, ms: number) => void): () => void
  /** What starts an isolate. */
  isolateCommand(options: IsolateCommandOptions): Command
  /** What starts a guardian. */
  guardianCommand(): Command
  /** Those flags of a process that are not for it alone: an isolate should have them, too. */
  sharedFlags(flags: readonly string[]): readonly string[]
  /** `flags`, and those that hold a heap to so many MB, unless they say so already; `young` MB for each half of its young part. */
  withHeapLimit(flags: readonly string[], heapMb: number, youngMb: number | undefined): readonly string[]
  /** Hears what comes on a descriptor, and when it is closed. */
  listen(fd: number, onText: (text: string) => void, onClose: () => void): void
  /** Keeps what has been compiled so far for processes to come, where it can. */
  keepCompiled(): void
  /** Ends this process at once. */
  die(): void
  /**
   * Answers requests.
   * @throws where the address cannot be listened on.
   */
  serveHttp(address: Address, answer: (request: Request) => Response): Promise<HttpServer>
}
