/** How far, in letters changed, added, left out or swapped, a word may be from the one that was meant. */
const MAX_DISTANCE = 2

/** The one of `words` that is most likely meant by `word`; undefined when none is near. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.min(MAX_DISTANCE, Math.floor(word.length / 2)) + 1
  for (const candidate of words) {
    const distance = distanceOf(word, candidate)
    if (distance < least) {
      best = candidate
      least = distance
    }
  }
  return best ?? words.find((candidate) => word.length >= 3 && candidate.startsWith(word))
}

/** ` (did you mean X?)`, or nothing. */
export function suggest(word: string, words: readonly string[], mark = ''): string {
  const meant = nearest(word, words)
  return meant === undefined ? '' : ` (did you mean ${mark}${meant}?)`
}

/** Optimal string alignment: like Levenshtein's, with two neighbours swapped counting as one. */
function distanceOf(one: string, other: string): number {
  let before: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1]
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      if (swapped) least = Math.min(least, at(before, j - 2) + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return at(last, other.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
