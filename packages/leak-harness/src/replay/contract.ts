/** The job that a bare handler is called with. */
export interface HandlerJob {
  /** Fresh for every job. */
  readonly id: string
  readonly name: string
  readonly data: unknown
  readonly attempt: number
}

/** A bare handler: anything that does a job. */
export type BareHandler = (job: HandlerJob) => unknown

/** One job to replay, as `makeJob` of a module returns it. */
export interface JobToReplay {
  readonly name: string
  readonly data: unknown
  /** Default `leak-harness`. */
  readonly queue?: string
  /** Default 1. */
  readonly attempt?: number
}

/** What a module may export as `harness`. The command line goes before it, and it before the defaults. */
export interface ModuleOptions {
  /** Things that legitimately live longer: so many jobs, or so many ms after the last use. Default 0 jobs, 5 s. */
  readonly lifetime?: { readonly jobs?: number; readonly ms?: number }
  /** Failing jobs are what is being measured: any number of them is fine. Default false. */
  readonly expectFailures?: boolean
  /** Runs once in each process before the first job, such as to put a stand-in in the network's place. */
  readonly setup?: () => unknown
  /** Runs once in each process after the last job. */
  readonly teardown?: () => unknown
  /** Makes fresh data of a trace's line when the trace is repeated. */
  readonly vary?: (data: unknown, i: number) => unknown
  readonly budget?: Partial<Budget>
  readonly jobs?: number
  readonly warmup?: number
  readonly concurrency?: number
}

/** What a measure may grow by and still be flat, a job. */
export interface Budget {
  /** Bytes of the JavaScript heap. */
  readonly heap: number
  /** Bytes outside the heap that the engine knows of: buffers. */
  readonly external: number
  /** Bytes of the process' own memory. */
  readonly rss: number
  /** Descriptors, active resources and listeners. */
  readonly handles: number
}

/** What the parent needs to know of a module. Functions stay in the process that loaded it. */
export interface ModuleSettings {
  readonly kind: 'app' | 'handler'
  readonly lifetime: { readonly jobs: number | undefined; readonly ms: number | undefined }
  readonly expectFailures: boolean
  readonly budget: Partial<Budget>
  readonly jobs: number | undefined
  readonly warmup: number | undefined
  readonly concurrency: number | undefined
  /** Lines of the trace; undefined when the data is generated. */
  readonly traceLines: number | undefined
  /** Whether a repeated trace gets fresh data. */
  readonly varies: boolean
}

/** What became of the jobs of one name. */
export interface TypeOutcomes {
  readonly name: string
  readonly done: number
  readonly failed: number
}

/** What became of the jobs so far. */
export interface Outcomes {
  readonly done: number
  readonly failed: number
  /** Name and message of the first failure. */
  readonly firstError?: string
  /** By job name, at most `MAX_JOB_TYPES`. */
  readonly types: readonly TypeOutcomes[]
  /** Different data seen, counted up to a bound; undefined when it was not asked for. */
  readonly distinctData: number | undefined
}
