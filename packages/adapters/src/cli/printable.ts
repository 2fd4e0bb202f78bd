/** Control characters, and marks that turn the order of what follows: names and messages come from whoever enqueues. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** A text on one line that moves no cursor and sets no colour: what cannot be printed is shown as `\x1b`. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0)
    return code > 0xff ? `\\u${code.toString(16)}` : (ESCAPES[character] ?? `\\x${code.toString(16).padStart(2, '0')}`)
  })
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
