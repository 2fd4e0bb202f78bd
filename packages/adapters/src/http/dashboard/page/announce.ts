import { need, setText } from './dom.ts'

/** How long what was said stays, in ms. */
const STAYS_MS = 12_000

let timer: ReturnType<typeof setTimeout> | undefined

/** Says what an action did, where it can be seen, and to screen readers, which read a live region. */
export function announce(text: string, failed = false): void {
  const place = need('said')
  place.classList.toggle('failed', failed)
  // The same words twice are two messages: readers hear only what changes.
  place.textContent = ''
  requestAnimationFrame(() => setText(place, text))
  clearTimeout(timer)
  timer = setTimeout(() => setText(place, ''), STAYS_MS)
}
