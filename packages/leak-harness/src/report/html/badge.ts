import { type Markup, markup } from './markup.ts'

const KINDS: Readonly<Record<string, string>> = {
  leak: 'bad',
  grows: 'bad',
  leaks: 'bad',
  bleeds: 'bad',
  failed: 'bad',
  flat: 'good',
  waves: 'good',
  rests: 'good',
  clean: 'good',
  accepted: 'good',
  undecided: 'open',
  fills: 'open',
}

/** A verdict or a state, in its colour. */
export function badge(word: string): Markup {
  return markup`<span class="badge ${KINDS[word] ?? 'none'}">${word}</span>`
}
