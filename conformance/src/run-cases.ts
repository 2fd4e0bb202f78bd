import type { Case } from './suites.ts'

/** How one case ended. */
export interface CaseResult {
  readonly case: string
  readonly ok: boolean
  readonly ms: number
  readonly error?: string
}

/** Runs cases, so many at once, and tells of each when it has ended. One that does not end within `boundMs` has failed. */
export async function runCases(
  cases: readonly Case[],
  { atOnce, boundMs, tell }: { atOnce: number; boundMs: number; tell: (result: CaseResult) => void },
): Promise<void> {
  const left = [...cases]
  const line = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) tell(await runCase(next, boundMs))
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, cases.length) }, line))
}

async function runCase({ name, run }: Case, boundMs: number): Promise<CaseResult> {
  const started = performance.now()
  const ms = (): number => Math.round(performance.now() - started)
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    const bound = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it did not end within ${boundMs} ms`)), boundMs)
    })
    await Promise.race([run(), bound])
    return { case: name, ok: true, ms: ms() }
  } catch (error) {
    return {
      case: name,
      ok: false,
      ms: ms(),
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }
  } finally {
    clearTimeout(timer)
  }
}
