import type { HarnessReport } from '../result.ts'

/** The report as JSON text, one sample a line. */
export function toJson(report: HarnessReport): string {
  const samples: string[] = []
  const text = JSON.stringify(
    report,
    (key, value: unknown) => {
      if (key !== 'samples' || !Array.isArray(value)) return value
      return value.map((sample) => `@sample:${samples.push(JSON.stringify(sample)) - 1}@`)
    },
    2,
  )
  return `${text.replace(/"@sample:(\d+)@"/g, (_, index: string) => samples[Number(index)] as string)}\n`
}
