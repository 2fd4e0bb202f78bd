/** What a report on a leaking handler must name. All that is given must hold, of one and the same thing. */
export interface Suspect {
  /** Constructor of the objects that survive, or class of the container that gains entries. */
  readonly what?: string | RegExp
  /** The way that keeps them, its steps joined by ` → `. */
  readonly path?: RegExp
  /** What grows, where no object is left behind. */
  readonly measure?: 'external' | 'rss' | 'handles'
}

/** A handler of known truth: `handlers/NAME.ts`. */
export interface ZooCase {
  readonly name: string
  /** What it is an example of. */
  readonly kind: string
  /** The truth. */
  readonly verdict: 'leak' | 'flat'
  /** It leaks once in so many jobs, and no more often, where each leak is dear. Default 1. */
  readonly every?: number
  /** The rarest rate at which there is something to find: past it the leak is under the budget. Default 1,000. */
  readonly rarest?: number
  /** What must be named; only leaks have one. */
  readonly suspect?: Suspect
  /** Jobs to judge at most, where a job is slow. */
  readonly jobs?: number
  /** Where it is otherwise than in Node: what it is by the runtime's own nature, or why it is left out there. */
  readonly elsewhere?: Readonly<Partial<Record<'workerd' | 'deno' | 'bun', Elsewhere>>>
}

/** What a case is in another runtime than Node. */
export type Elsewhere = { readonly verdict: 'leak' | 'flat'; readonly because: string } | { readonly leftOut: string }

const NO_CODE = 'it generates no code from text'
const NO_FILES = 'it has no file system that a handler could leave files open in'
const NO_SOCKETS = 'sockets need the network, which the harness blocks there'
const TIMERS = 'timers end there with the request that set them'

/** Handlers that leak. */
const LEAKS: readonly Omit<ZooCase, 'verdict'>[] = [
  { name: 'object-cache', kind: 'cache', suspect: { what: 'Invoice', path: /variable cache: Object → / } },
  {
    name: 'map-cache',
    kind: 'cache',
    suspect: { what: 'Customer', path: /variable customers: Map → Customer$/ },
  },
  { name: 'preloaded-map', kind: 'table', suspect: { what: 'Map' } },
  { name: 'set-of-ids', kind: 'table', suspect: { what: 'Set' } },
  { name: 'id-counts', kind: 'table', suspect: { what: 'Object', path: /variable counts: Object$/ } },
  { name: 'intern-table', kind: 'table', suspect: { what: '(string)', path: /variable strings: Map/ } },
  { name: 'number-array', kind: 'list', suspect: { what: 'Array' } },
  { name: 'log-buffer', kind: 'list', suspect: { what: 'LogLine', path: /variable buffer: Array/ } },
  { name: 'retry-buffer', kind: 'error path', suspect: { what: 'Payload', path: /variable toRetry: Array/ } },
  { name: 'error-path-lock', kind: 'error path', suspect: { what: 'Lock', path: /variable held: Set/ } },
  {
    name: 'kept-errors',
    kind: 'error path',
    suspect: { what: /^(?:Upstream)?Error$/, path: /variable errors: Array/ },
  },
  {
    name: 'emitter-listener',
    kind: 'listener',
    suspect: { what: 'Tenant', path: /variable bus: EventEmitter → / },
  },
  {
    name: 'target-listener',
    kind: 'listener',
    suspect: { what: 'Subscription', path: /variable feed: EventTarget → / },
  },
  { name: 'process-listener', kind: 'listener', suspect: { what: 'Draft', path: /variable draft: Draft$/ } },
  {
    name: 'abort-listener',
    kind: 'listener',
    suspect: { what: 'Download', path: /variable signal: AbortSignal → / },
  },
  {
    name: 'hour-timer',
    kind: 'timer',
    suspect: { what: 'Deadline', path: /Timeout.*variable deadline: Deadline$/ },
    elsewhere: { workerd: { verdict: 'flat', because: TIMERS } },
  },
  {
    name: 'interval',
    kind: 'timer',
    suspect: { what: 'Heartbeat', path: /Timeout.*variable heartbeat: Heartbeat$/ },
    elsewhere: { workerd: { verdict: 'flat', because: TIMERS } },
  },
  { name: 'long-promise', kind: 'promise', suspect: { what: 'Upload', path: /variable shutdown: Promise → / } },
  { name: 'promise-race', kind: 'promise', suspect: { what: 'Reply', path: /variable shutdown: Promise → / } },
  {
    name: 'async-context',
    kind: 'async context',
    suspect: { what: 'RequestContext', path: /variable onShutdown: Array/ },
  },
  { name: 'suspended-generator', kind: 'generator', suspect: { what: 'Page', path: /variable readers: Set/ } },
  { name: 'linked-list', kind: 'chain', suspect: { what: 'Entry', path: /\.next: Entry/ } },
  {
    name: 'previous-state',
    kind: 'chain',
    suspect: { what: 'Object', path: /variable last: Object → \.before: Object/ },
  },
  { name: 'instance-graph', kind: 'chain', suspect: { what: 'Account', path: /variable (regions|root)/ } },
  {
    name: 'rare-session',
    kind: 'rare',
    every: 1_000,
    suspect: { what: 'Ticket', path: /variable tickets: Set/ },
  },
  { name: 'string-log', kind: 'string', suspect: { path: /variable log/ } },
  { name: 'text-log', kind: 'string', rarest: 10 },
  {
    name: 'symbol-registry',
    kind: 'symbol',
    elsewhere: { bun: { leftOut: 'there it is some 160 bytes of native memory a job: less than the budget of RSS' } },
  },
  { name: 'performance-marks', kind: 'platform', suspect: { what: 'PerformanceMark' } },
  { name: 'kept-urls', kind: 'platform', suspect: { what: 'URL', path: /variable history: Array/ } },
  { name: 'kept-requests', kind: 'platform', suspect: { path: /variable underWay: Map → _?Request/ } },
  { name: 'weak-ref-map', kind: 'weak reference', suspect: { what: 'WeakRef', path: /variable sessions: Map/ } },
  {
    name: 'finalizer-token',
    kind: 'weak reference',
    suspect: { what: 'Connection', path: /FinalizationRegistry/ },
  },
  {
    name: 'template-cache',
    kind: 'compiled code',
    suspect: { path: /variable templates: Map/ },
    elsewhere: { workerd: { leftOut: NO_CODE } },
  },
  {
    name: 'vm-script',
    kind: 'compiled code',
    suspect: { path: /variable scripts: Array/ },
    elsewhere: { workerd: { leftOut: NO_CODE } },
  },
  {
    name: 'vm-declarations',
    kind: 'compiled code',
    elsewhere: {
      workerd: { leftOut: NO_CODE },
      bun: { leftOut: 'there it is some 130 bytes of native memory a job: less than the budget of RSS' },
    },
  },
  {
    name: 'vm-code',
    kind: 'compiled code',
    rarest: 10,
    elsewhere: {
      workerd: { leftOut: NO_CODE },
      bun: { verdict: 'flat', because: 'its engine keeps no code that nobody holds' },
    },
  },
  {
    name: 'vm-context',
    kind: 'compiled code',
    every: 100,
    jobs: 4_000,
    suspect: { what: 'Map', path: /variable sandboxes: Map/ },
    elsewhere: { workerd: { leftOut: NO_CODE } },
  },
  { name: 'slab-slices', kind: 'buffer', suspect: { path: /variable heads: Array/ } },
  { name: 'growing-buffer', kind: 'buffer', rarest: 10, suspect: { measure: 'external' } },
  {
    name: 'wasm-memory',
    kind: 'buffer',
    every: 100,
    suspect: { what: 'Memory', path: /variable memories: Array/ },
  },
  {
    name: 'open-file',
    kind: 'handle',
    every: 10,
    suspect: { measure: 'handles' },
    elsewhere: { workerd: { leftOut: NO_FILES } },
  },
  {
    name: 'unread-stream',
    kind: 'handle',
    every: 10,
    suspect: { measure: 'handles' },
    elsewhere: { workerd: { leftOut: NO_FILES } },
  },
  {
    name: 'open-socket',
    kind: 'handle',
    every: 20,
    suspect: { what: 'Socket' },
    elsewhere: { workerd: { leftOut: NO_SOCKETS } },
  },
  {
    name: 'open-server',
    kind: 'handle',
    every: 20,
    suspect: { what: 'Server' },
    elsewhere: { workerd: { leftOut: NO_SOCKETS } },
  },
  { name: 'client-per-job', kind: 'handle', every: 20, suspect: { what: 'Agent' } },
  {
    name: 'worker-per-job',
    kind: 'thread',
    every: 100,
    jobs: 2_000,
    suspect: { what: 'Worker' },
    elsewhere: { workerd: { leftOut: 'it has no worker threads' } },
  },
]

/** Handlers that are flat, and look as if they were not. */
const INNOCENTS: readonly Omit<ZooCase, 'verdict'>[] = [
  { name: 'noop', kind: 'nothing' },
  { name: 'parsing', kind: 'garbage' },
  { name: 'transient-buffers', kind: 'garbage', jobs: 4_000 },
  { name: 'lru', kind: 'cache' },
  { name: 'ttl-cache', kind: 'cache', elsewhere: { workerd: { verdict: 'leak', because: TIMERS } } },
  { name: 'pool', kind: 'cache' },
  { name: 'lazy-tables', kind: 'table' },
  { name: 'one-off-step', kind: 'table' },
  { name: 'saturating-intern', kind: 'table' },
  { name: 'sawtooth', kind: 'batch' },
  { name: 'small-sawtooth', kind: 'batch' },
  { name: 'late-jit', kind: 'compiled code' },
  {
    name: 'template-dropped',
    kind: 'compiled code',
    elsewhere: {
      deno: { verdict: 'leak', because: 'it keeps a kilobyte of what new Function compiled, each time' },
      workerd: { leftOut: NO_CODE },
    },
  },
  { name: 'weak-map', kind: 'weak reference' },
  { name: 'weak-ref-pruned', kind: 'weak reference' },
  { name: 'finalizers', kind: 'weak reference' },
  { name: 'abort-signals', kind: 'listener', jobs: 5_000 },
  { name: 'deadline-signals', kind: 'timer' },
  { name: 'timers-cleared', kind: 'timer' },
  { name: 'async-local', kind: 'async context' },
  { name: 'failing', kind: 'error path' },
  { name: 'pipeline', kind: 'handle', jobs: 3_000 },
  { name: 'files-closed', kind: 'handle', jobs: 3_000, elsewhere: { workerd: { leftOut: NO_FILES } } },
  { name: 'sockets-closed', kind: 'handle', jobs: 3_000, elsewhere: { workerd: { leftOut: NO_SOCKETS } } },
]

/** Every case of the zoo: those that leak, then those that are flat. */
export const ZOO: readonly ZooCase[] = [
  ...LEAKS.map((one): ZooCase => ({ ...one, verdict: 'leak' })),
  ...INNOCENTS.map((one): ZooCase => ({ ...one, verdict: 'flat' })),
]
