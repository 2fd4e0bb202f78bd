/** What all jobs of a process share, and a job can change for the others without any module's help. */
export interface ProcessState {
  /** By name, such as `process.env.TZ`; values are only ever compared. */
  readonly values: ReadonlyMap<string, unknown>
}

/** A value that is made at its first use: that is no change. */
const LAZY = Symbol('lazy')

const HOLDERS: Readonly<Record<string, object>> = {
  globalThis,
  ...{ Math, JSON, Date, Intl },
  'Object.prototype': Object.prototype,
  'Function.prototype': Function.prototype,
  'Array.prototype': Array.prototype,
  'String.prototype': String.prototype,
  'Promise.prototype': Promise.prototype,
  'Date.prototype': Date.prototype,
}

const { process } = globalThis

/** Reads it. Keys that are symbols are left out: libraries keep what is theirs under those. */
export function readProcessState(): ProcessState {
  const values = new Map<string, unknown>([
    ['process.cwd()', workingDirectory()],
    ['process.exitCode', process.exitCode],
  ])
  for (const [name, value] of Object.entries(process.env)) values.set(`process.env.${name}`, value)
  for (const [holder, object] of Object.entries(HOLDERS)) {
    for (const key of Object.getOwnPropertyNames(object)) {
      const property = Object.getOwnPropertyDescriptor(object, key)
      if (property) values.set(`${holder}.${key}`, 'value' in property ? property.value : LAZY)
    }
  }
  return { values }
}

function workingDirectory(): string | undefined {
  try {
    return process.cwd()
  } catch {
    // It was removed.
    return undefined
  }
}

/** Names of what was added, removed or set to something else. */
export function changesBetween({ values: before }: ProcessState, { values: after }: ProcessState): string[] {
  const changes: string[] = []
  for (const [name, value] of after) {
    const was = before.get(name)
    if (!before.has(name) || (was !== LAZY && !Object.is(was, value))) changes.push(name)
  }
  for (const name of before.keys()) if (!after.has(name)) changes.push(name)
  return changes
}
