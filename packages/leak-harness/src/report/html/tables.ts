import { type Markup, markup, type Part } from './markup.ts'

/** A column of a table; numbers stand to the right. */
export interface Column {
  readonly title: string
  readonly isNumber?: boolean
}

/** A table that scrolls by itself where the page is narrow. */
export function table(columns: readonly Column[], rows: readonly (readonly Part[])[]): Markup {
  const kind = (at: number): string => (columns[at]?.isNumber ? 'number' : 'text')
  return markup`<div class="scroll" tabindex="0"><table>
<thead><tr>${columns.map(({ title }, at) => markup`<th scope="col" class="${kind(at)}">${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${row.map((cell, at) => markup`<td class="${kind(at)}">${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>`
}

/** Names with their values, as many in a line as there is room for. */
export function facts(entries: Readonly<Record<string, Part>>): Markup {
  return markup`<dl class="facts">${Object.entries(entries).map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`
}

/** A list of sentences; nothing when there are none. */
export function notes(texts: readonly string[]): Markup | undefined {
  return texts.length === 0
    ? undefined
    : markup`<ul class="notes">${texts.map((text) => markup`<li>${text}</li>`)}</ul>`
}

/** What unfolds. */
export function fold(title: Part, content: Part): Markup {
  return markup`<details><summary>${title}</summary>${content}</details>`
}
