import { SourceMap, type SourceMapPayload } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Location, Snapshot } from '../../heap/snapshot.ts'
import type { Bundle } from './bundle.ts'

/** Numbers of sources begin here; those of scripts are far below. */
const FIRST_SOURCE = 1_000_000_000

/** How the code of a bundle declares a variable of its own: whatever is in a function is indented. */
const DECLARATION = /^(?:var|let|const|class|function\*?|async function\*?) ([\w$]+)/

/** Several of them, out of one object or list, and each of those. */
const DESTRUCTURING = /^(?:var|let|const) [{[](.*)[}\]] =/
const DESTRUCTURED = /([\w$]+)(?: = [^,]*)?(?:,|$|\s*$)/g

/** How it declares a class that names itself within. */
const RENAMED_CLASS = /^(?:var|let|const) ([\w$]+) = class _\1\b/gm

/** Says where the functions of a bundled script are in its sources. A source is a script of its own then, with a number. */
export class SourcePlaces {
  readonly #map: SourceMap
  readonly #folder: string
  readonly #numbers = new Map<string, number>()
  readonly #renamed: ReadonlySet<string>
  readonly #declared: ReadonlyMap<string, Omit<Location, 'script'>>

  constructor({ code, map, folder }: Bundle) {
    this.#map = new SourceMap(JSON.parse(map) as SourceMapPayload)
    this.#folder = folder
    this.#declared = declarationsIn(code)
    this.#renamed = new Set([...code.matchAll(RENAMED_CLASS)].map(([, name = '']) => `_${name}`))
  }

  /** The snapshot with the places in `script` as they are in the sources. */
  place(snapshot: Snapshot, script: number): Snapshot {
    const locations = new Map<number, Location>()
    const declares = (variable: string): Location | undefined => {
      const declared = this.#declared.get(variable)
      return declared && this.#toSource({ ...declared, script })
    }
    for (const [node, location] of snapshot.locations)
      locations.set(node, location.script === script ? { ...this.#toSource(location), declares } : location)
    return { ...snapshot, locations, text: (string) => this.#ownName(snapshot.text(string)) }
  }

  /** The bundler calls a class that names itself within `_Name`. */
  #ownName(name: string): string {
    return name.startsWith('_') && this.#renamed.has(name) ? name.slice(1) : name
  }

  /** The address of each source, by its number. */
  sources(): Record<number, string> {
    return Object.fromEntries([...this.#numbers].map(([source, number]) => [number, source]))
  }

  /** A text, such as a stack, with what it says of places in the script of that name put as they are in the sources. */
  inText(text: string, script: string): string {
    return text.replace(
      /(?:file:\/\/)?([^\s()]*):(\d+):(\d+)/g,
      (place, file: string, line: string, column: string) => {
        if (file !== script && !file.endsWith(`/${script}`)) return place
        const found = this.#map.findEntry(Number(line) - 1, Number(column) - 1)
        if (!('originalSource' in found)) return place
        return `${resolve(this.#folder, found.originalSource)}:${found.originalLine + 1}:${found.originalColumn + 1}`
      },
    )
  }

  #toSource(location: Location): Location {
    const found = this.#map.findEntry(location.line, location.column)
    if (!('originalSource' in found)) return location
    const address = pathToFileURL(resolve(this.#folder, found.originalSource)).href
    const number = this.#numbers.get(address) ?? FIRST_SOURCE + this.#numbers.size
    this.#numbers.set(address, number)
    return { script: number, line: found.originalLine, column: found.originalColumn }
  }
}

/** Where each variable of a bundle is declared, lines and columns from 0. */
function declarationsIn(code: string): Map<string, Omit<Location, 'script'>> {
  const declarations = new Map<string, Omit<Location, 'script'>>()
  for (const [line, text] of code.split('\n').entries()) {
    const single = DECLARATION.exec(text)?.[1]
    const several = DESTRUCTURING.exec(text)?.[1]?.matchAll(DESTRUCTURED) ?? []
    for (const name of [single, ...Array.from(several, ([, one]) => one)])
      if (name !== undefined) declarations.set(name, { line, column: text.indexOf(name) })
  }
  return declarations
}
