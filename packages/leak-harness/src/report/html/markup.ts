/** Text that is markup already. Everything else is escaped. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What a template may hold: texts and numbers are escaped, markup is not, lists are joined, nothing is nothing. */
export type Part = Markup | string | number | undefined | readonly Part[]

/** Markup from a template: what is put in is escaped, in text and in quoted attributes alike. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((string, at) => (at === 0 ? string : `${render(parts[at - 1])}${string}`)).join(''))
}

function render(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Markup) return part.text
  return typeof part === 'string' || typeof part === 'number' ? escapeMarkup(String(part)) : part.map(render).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text as it stands in HTML or XML, without the characters that neither may have. */
export function escapeMarkup(text: string): string {
  return withoutControls(text).replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
}

/** Without control characters (but for tab and ends of lines) and halves of surrogate pairs: XML 1.0, 2.2. */
function withoutControls(text: string): string {
  return text.replace(/[^\t\n\r\u{20}-\u{7e}\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
}
