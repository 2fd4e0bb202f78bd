/** One piece of XML: a declaration, a tag or text. */
const PIECE = /<\?xml [^?<>]*\?>|<!doctype html>|<(\/?)([a-zA-Z][\w:.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|[^<]+/g

/** What may stand in text and in attributes. */
const TEXT = /^(?:[^&<]|&(?:amp|lt|gt|quot|#\d+);)*$/

/** What XML 1.0 has no place for. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u

/** What is read out of a page. */
export interface Read {
  /** Names of its elements, in their order. */
  readonly elements: readonly string[]
  /** Its texts, with references resolved. */
  readonly texts: readonly string[]
  /** Values of attributes, with references resolved. */
  readonly attributes: readonly string[]
}

/** Reads XML, or HTML that is written like it. Throws where it is not well formed. */
export function readMarkup(page: string): Read {
  const wrong = FORBIDDEN.exec(page)
  if (wrong) throw new Error(`a forbidden character at ${wrong.index}`)
  const open: string[] = []
  const elements: string[] = []
  const texts: string[] = []
  const values: string[] = []
  let end = 0
  for (const piece of page.matchAll(PIECE)) {
    const [all, isEnd, name, attributes = '', isEmpty] = piece
    if (piece.index !== end) throw new Error(`no markup at ${end}: ${page.slice(end, end + 60)}`)
    end += all.length
    if (name === undefined) {
      if (!all.startsWith('<')) texts.push(read(all))
      continue
    }
    for (const [, value = ''] of attributes.matchAll(/="([^"]*)"/g)) values.push(read(value))
    if (isEnd) {
      if (open.pop() !== name) throw new Error(`</${name}> at ${piece.index} ends another element`)
      continue
    }
    elements.push(name)
    if (!isEmpty) open.push(name)
  }
  if (end !== page.length) throw new Error(`no markup at ${end}: ${page.slice(end, end + 60)}`)
  if (open.length > 0) throw new Error(`<${open.at(-1)}> has no end`)
  return { elements, texts, attributes: values }
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

function read(text: string): string {
  if (!TEXT.test(text)) throw new Error(`a bare & or < in: ${text.slice(0, 200)}`)
  return text.replace(/&(?:#(\d+)|(\w+));/g, (_, code: string | undefined, name: string) =>
    code === undefined ? (NAMED[name] as string) : String.fromCodePoint(Number(code)),
  )
}
