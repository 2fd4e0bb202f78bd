import { baselineNotes, isAccepted } from '../baseline/baseline-report.ts'
import type { HarnessReport, RunReport } from '../result.ts'
import { formatCount, formatNumber } from './format.ts'
import { type CodePlace, type PlaceOptions, placeOf, placeOfModule } from './place.ts'
import { runtimeOf } from './side-by-side.ts'

/** How annotations are made. */
export interface GithubOptions extends PlaceOptions {
  /** Whether what is undecided is a warning and not an error. Default false. */
  readonly allowUndecided?: boolean
}

/** Annotations of one run at most: GitHub shows ten of each level in a step. */
const MAX_OF_RUN = 5

/** One annotation. */
interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
  readonly place: CodePlace | undefined
}

/**
 * The report as workflow commands of GitHub Actions, a line an annotation: errors for leaks and failed runs, at the
 * file and line that a retaining path names, notices for what is flat or accepted.
 */
export function toGithub(report: HarnessReport, options: GithubOptions): string {
  const annotations = [
    ...report.runs.flatMap((run) => ofRun(run, options)),
    ...report.failed.map(
      (run): Annotation => ({
        level: 'error',
        title: `FAILED in ${runtimeOf(run)}`,
        message: `${run.code}: ${run.error}`,
        place: placeOfModule(run.module, options),
      }),
    ),
  ]
  return annotations.map((annotation) => `${toCommand(annotation)}\n`).join('')
}

function ofRun(run: RunReport, options: GithubOptions): Annotation[] {
  const level = levelOf(run, options)
  const retained = run.verdict === 'leak' ? retainedBy(run, level, options) : []
  const verdict: Annotation = {
    level,
    title: `${run.verdict.toUpperCase()}${isAccepted(run) ? ' (accepted)' : ''} in ${runtimeOf(run)}`,
    message: [run.because, ...baselineNotes(run)].join('\n'),
    place: retained[0]?.place ?? placeOfModule(run.module, options),
  }
  // The first place has the verdict; what is kept elsewhere is said there.
  const elsewhere = retained.filter(({ place }) => keyOf(place) !== keyOf(verdict.place)).slice(0, MAX_OF_RUN - 1)
  return [verdict, ...elsewhere, ...ofBleed(run, options)]
}

function levelOf({ verdict, baseline }: RunReport, { allowUndecided }: GithubOptions): Annotation['level'] {
  if (verdict === 'flat' || isAccepted({ verdict, ...(baseline ? { baseline } : {}) })) return 'notice'
  return verdict === 'undecided' && allowUndecided ? 'warning' : 'error'
}

/** What leaks and whose path names a place, one a place. */
function retainedBy(
  { cohort, containers, module, runtime }: RunReport,
  level: Annotation['level'],
  options: GithubOptions,
): Annotation[] {
  const title = `Retained in ${runtime.name}`
  const groups = cohort.groups
    .filter(({ state }) => state === 'leaks')
    .map(({ constructor: name, count, path }) => ({
      message: `${formatCount(count)} ${name} outlived their cohort, kept by ${path.join(' → ')}`,
      place: placeOf(path, module, options),
    }))
  const entries = containers
    .filter(({ state }) => state === 'leaks')
    .map(({ name, owner, perJob }) => ({
      message: `${name} at ${owner} gained ${formatNumber(perJob)} entries a job`,
      place: placeOf(owner.split(' → '), module, options),
    }))
  const places = new Map<string, Annotation>()
  for (const one of [...groups, ...entries])
    if (one.place && !places.has(keyOf(one.place))) places.set(keyOf(one.place), { level, title, ...one })
  return [...places.values()]
}

function ofBleed({ bleed, module, runtime }: RunReport, options: GithubOptions): Annotation[] {
  if (!bleed) return []
  const level =
    bleed.verdict === 'clean' ? 'notice' : bleed.verdict === 'undecided' && options.allowUndecided ? 'warning' : 'error'
  const title = `${bleed.verdict.toUpperCase()} in ${runtime.name}`
  return [{ level, title, message: bleed.because, place: placeOfModule(module, options) }]
}

function keyOf(place: CodePlace | undefined): string {
  return place ? `${place.file}:${place.line ?? ''}` : ''
}

function toCommand({ level, title, message, place }: Annotation): string {
  const properties = Object.entries({ file: place?.file, line: place?.line, title }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${escapeProperty(String(value))}`],
  )
  return `::${level} ${properties.join(',')}::${escapeData(message)}`
}

/** What would end the command. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** What would end the command or the property. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
