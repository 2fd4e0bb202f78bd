/** Characters of an answer in a report. */
export const PREVIEW_LENGTH = 200

/** Characters before the first that differs. */
const LEAD = 60

/** The parts of two texts around the first character in which they differ, as a report shows them. */
export function previewsOf(one: string, other: string): readonly [string, string] {
  let at = 0
  while (at < one.length && at < other.length && one[at] === other[at]) at++
  const start = Math.max(one.length, other.length) <= PREVIEW_LENGTH ? 0 : Math.max(0, at - LEAD)
  return [cut(one, start), cut(other, start)]
}

function cut(text: string, start: number): string {
  const end = start + PREVIEW_LENGTH
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${text.length > end ? '…' : ''}`
}
