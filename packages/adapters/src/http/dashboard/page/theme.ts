/** Lines that are told apart by colour; those beyond are dashed. */
export const COLOURS = 8

const cache = new Map<string, string>()
let style: CSSStyleDeclaration | undefined

/** A colour of the style sheet, for a canvas, which knows no variables. */
export function colour(name: string): string {
  let value = cache.get(name)
  if (value === undefined) {
    style ??= getComputedStyle(document.documentElement)
    value = style.getPropertyValue(`--${name}`).trim()
    cache.set(name, value)
  }
  return value
}

/** The colour of a lane. */
export function laneColour(lane: number): string {
  return colour(`c${lane % COLOURS}`)
}

/** The dashes of a lane, in CSS pixels: none for the first ones. */
export function laneDash(lane: number): number[] | undefined {
  return DASHES[Math.floor(lane / COLOURS) % DASHES.length]
}

const DASHES: readonly (number[] | undefined)[] = [undefined, [6, 3], [2, 3]]

/** Calls back when the reader's system has turned from light to dark, or back. */
export function onSchemeChange(listener: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    cache.clear()
    listener()
  })
}
