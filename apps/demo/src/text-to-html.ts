const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Plain text as HTML that looks the same: everything escaped, blank lines part paragraphs, line ends break lines.
 * For messages that came without HTML.
 */
export function textToHtml(text: string): string {
  const escaped = text
    .replaceAll('\r\n', '\n')
    .trim()
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
  if (!escaped) return ''
  return escaped
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${paragraph.replaceAll('\n', '<br>')}</p>`)
    .join('\n')
}
