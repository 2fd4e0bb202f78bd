import { readFile, rename, writeFile } from 'node:fs/promises'
import { HarnessError } from '../errors.ts'
import { type AcceptedLeak, type Baseline, EMPTY_BASELINE } from './baseline.ts'
import type { LeakKind } from './leaks.ts'

const KINDS: readonly LeakKind[] = ['group', 'container', 'measure']

/** How to mend a baseline that cannot be used. */
const REMEDY = 'run with --update-baseline to write it anew'

/**
 * Reads a baseline.
 * @param options.mayBeAbsent whether a file that is not there is an empty baseline, as before the first `--update-baseline`
 * @throws {HarnessError} `HARNESS_USAGE` when it cannot be read or is no baseline.
 */
export async function readBaseline(
  file: string,
  { mayBeAbsent = false }: { readonly mayBeAbsent?: boolean } = {},
): Promise<Baseline> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    if (mayBeAbsent && (cause as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY_BASELINE
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `the baseline cannot be read: ${reason}; name a file that is there, or ${REMEDY}`
    throw new HarnessError('HARNESS_USAGE', message, { cause })
  }
  return parseBaseline(text, file)
}

/**
 * Writes a baseline. A reader sees the old one or the new one, never a part.
 * @throws {HarnessError} `HARNESS_USAGE` when it cannot be written.
 */
export async function writeBaseline(baseline: Baseline, file: string): Promise<void> {
  const part = `${file}.${process.pid}.tmp`
  try {
    await writeFile(part, toBaselineText(baseline))
    await rename(part, file)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `the baseline cannot be written: ${reason}; name a file in a folder that is there`
    throw new HarnessError('HARNESS_USAGE', message, { cause })
  }
}

/** A baseline as its file has it. */
export function toBaselineText({ version, leaks }: Baseline): string {
  const entries = leaks.map(({ module, runtime, kind, name, path, perJob }) => ({
    ...{ module, runtime, kind, name },
    ...(path === '' ? {} : { path }),
    perJob,
  }))
  return `${JSON.stringify({ version, leaks: entries }, null, 2)}\n`
}

/**
 * The baseline that a text has.
 * @throws {HarnessError} `HARNESS_USAGE` when it has none.
 */
export function parseBaseline(text: string, file: string): Baseline {
  const refuse = (problem: string, cause?: unknown): HarnessError =>
    new HarnessError('HARNESS_USAGE', `${file} is no baseline: ${problem}; mend it, or remove it and ${REMEDY}`, {
      cause,
    })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw refuse(`it is not JSON (${cause instanceof Error ? cause.message : String(cause)})`, cause)
  }
  if (!isObject(value) || !Array.isArray(value['leaks'])) throw refuse('it has no list of leaks')
  if (value['version'] !== 1) throw refuse(`its version is ${JSON.stringify(value['version'])}, not 1`)
  const leaks = value['leaks'].map((entry: unknown, at) => {
    const leak = toAccepted(entry)
    if (!leak) throw refuse(`leak ${at + 1} is not { module, runtime, kind, name, path?, perJob }`)
    return leak
  })
  return { version: 1, leaks }
}

function toAccepted(entry: unknown): AcceptedLeak | undefined {
  if (!isObject(entry)) return undefined
  const { module, runtime, name, perJob, path = '' } = entry
  const kind = KINDS.find((one) => one === entry['kind'])
  if (typeof module !== 'string' || typeof runtime !== 'string' || typeof name !== 'string') return undefined
  if (!kind || typeof path !== 'string' || typeof perJob !== 'number' || !Number.isFinite(perJob)) return undefined
  return { module, runtime, kind, name, path, perJob }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
