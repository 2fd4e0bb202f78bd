import type { ClassCensus, ContainerType, EntryCensus } from './entry-census.ts'
import { DECAY, type Growth, growsOn, growthOf, hasEnded, type Population } from './growth-rule.ts'

/** A container, or all containers of one class together, and its entries at each count. */
export interface ContainerSeries {
  readonly type: ContainerType
  /** Constructor: the type's own name, or a subclass. */
  readonly name: string
  /** The container's serial number; undefined when the series is of a whole class. */
  readonly serial: number | undefined
  /** Containers that the series is of. */
  readonly containers: number
  /** Entries at each count; of a class, what its containers gained since the first. */
  readonly sizes: readonly Population[]
  readonly growth: Growth
}

/**
 * Applies the growth rule to each container by itself, and to each class of containers as a whole: a table of a
 * thousand buckets gains one entry a bucket where one Map would gain a thousand.
 * Answers those that `fill` or `grow`, the fastest first; a class only when none of its containers is there already, or
 * more of them changed than are listed.
 */
export function containerGrowth(counts: readonly EntryCensus[]): ContainerSeries[] {
  const single = growing(changedSerials(counts), counts)
  const named = new Set(single.map((series) => series.type + series.name))
  const classes = growing(growingClasses(counts), counts).filter(
    (series) => !named.has(series.type + series.name) || isTruncated(series, counts.at(-1)),
  )
  return [...single, ...classes].sort((a, b) => lastGrowth(b) - lastGrowth(a))
}

/** The entries of a container, or the gains of a class, at each of the counts. */
export function entriesAt(
  of: Pick<ContainerSeries, 'type' | 'name' | 'serial'>,
  counts: readonly EntryCensus[],
): Population[] {
  return of.serial === undefined ? gainsOfClass(of, counts) : sizesOf(of.serial, counts)
}

/** What the confirming cohort makes of a suspect: goes on growing, came to an end, or neither can be said. */
export type Confirmation = 'grows' | 'ended' | 'unclear'

/**
 * Holds a suspect against the last `parts` counts, those of the confirming cohort.
 * @see growsOn
 * @see hasEnded
 */
export function confirmGrowth(series: ContainerSeries, counts: readonly EntryCensus[], parts: number): Confirmation {
  const sizes = entriesAt(series, counts)
  const [start, end] = sizes.slice(-parts - 2, -parts)
  if (!start || !end || !isFollowed(series, counts)) return 'unclear'
  const confirming = sizes.slice(-parts)
  if (hasEnded([start, end], confirming)) return 'ended'
  const population = series.serial !== undefined || populationFollows(series, counts, parts)
  return population && growsOn([start, end], confirming) ? 'grows' : 'unclear'
}

type Candidate = Pick<ContainerSeries, 'type' | 'name' | 'serial' | 'containers'>

function growing(candidates: readonly Candidate[], counts: readonly EntryCensus[]): ContainerSeries[] {
  return candidates
    .map((candidate) => {
      const sizes = entriesAt(candidate, counts)
      return { ...candidate, sizes, growth: growthOf(sizes) }
    })
    .filter((series) => series.growth !== 'still')
}

function changedSerials(counts: readonly EntryCensus[]): Candidate[] {
  return (counts.at(-1)?.classes ?? []).flatMap(({ type, name, changed }) =>
    changed
      .filter((c) => c.size > c.before)
      .map(({ serial }) => ({ type, name, serial, containers: 1 }))
      .filter((candidate) => isFollowed(candidate, counts)),
  )
}

function growingClasses(counts: readonly EntryCensus[]): Candidate[] {
  return (counts.at(-1)?.classes ?? [])
    .filter((c) => c.growers > 1 && populationFollows(c, counts, 2))
    .map(({ type, name, growers }) => ({ type, name, serial: undefined, containers: growers }))
}

/**
 * Whether all entries of a class, those of its young containers included, grew along with its old containers in each
 * of the last `parts` cohorts. Containers that grow while they live and then go, one after another, do not add up.
 */
function populationFollows(
  of: { type: ContainerType; name: string },
  counts: readonly EntryCensus[],
  parts: number,
): boolean {
  for (let at = Math.max(1, counts.length - parts); at < counts.length; at++) {
    const now = classOf(of, counts[at])
    const grown = now?.grown ?? 0
    if ((now?.entries ?? 0) - (classOf(of, counts[at - 1])?.entries ?? 0) < DECAY * grown) return false
  }
  return true
}

/** Whether a container's size is known since it was first mentioned: a list that was cut off may have left it out. */
function isFollowed(of: Candidate, counts: readonly EntryCensus[]): boolean {
  if (of.serial === undefined) return true
  const mentions = counts.map((count) => classOf(of, count)?.changed.some((c) => c.serial === of.serial) ?? false)
  const first = mentions.indexOf(true)
  return mentions.every((mentioned, at) => mentioned || at < first || !isTruncated(of, counts[at]))
}

function isTruncated(of: Pick<Candidate, 'type' | 'name'>, count: EntryCensus | undefined): boolean {
  return classOf(of, count)?.truncated ?? false
}

/** A container is mentioned only when it changed: its size holds from one mention to the next, and before the first. */
function sizesOf(serial: number, counts: readonly EntryCensus[]): Population[] {
  const mentions = counts.map((count) => count.classes.flatMap((c) => c.changed).find((c) => c.serial === serial))
  let size = mentions.find((change) => change !== undefined)?.before ?? 0
  return counts.map(({ job }, at) => {
    size = mentions[at]?.size ?? size
    return { job, size }
  })
}

function gainsOfClass(of: { type: ContainerType; name: string }, counts: readonly EntryCensus[]): Population[] {
  let size = 0
  return counts.map((count, at) => {
    if (at > 0) size += classOf(of, count)?.grown ?? 0
    return { job: count.job, size }
  })
}

function classOf(of: { type: ContainerType; name: string }, count: EntryCensus | undefined): ClassCensus | undefined {
  return count?.classes.find((c) => c.type === of.type && c.name === of.name)
}

function lastGrowth({ sizes }: ContainerSeries): number {
  return (sizes.at(-1)?.size ?? 0) - (sizes.at(-2)?.size ?? 0)
}
