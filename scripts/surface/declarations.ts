import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'

/** Where a name comes from. */
interface Origin {
  /** The path of another file, or the name of another package; undefined for the same file. */
  readonly from: string | undefined
  readonly name: string
}

/** What one `.d.ts` file, written by the compiler, declares, imports and exports. */
interface DeclarationFile {
  /** The text of each declaration; a function with overloads has several. */
  readonly declared: ReadonlyMap<string, readonly string[]>
  readonly imported: ReadonlyMap<string, Origin>
  readonly exported: ReadonlyMap<string, Origin>
  /** Files all of whose exports are exported. */
  readonly stars: readonly string[]
}

/** A declaration, by the file and name it has there. */
export interface Declaration {
  readonly path: string
  readonly name: string
}

const STATEMENT = /^(?=(?:import|export|declare|type|interface|class|abstract|function|const|enum)\b)/m
const LIST = /^(import|export)(?: type)? \{([^}]*)\}(?: from '([^']+)')?;/
const STAR = /^export (?:type )?\* from '([^']+)';/
const DECLARATION =
  /^(export )?(?:default )?(?:declare )?(?:abstract )?(?:class|function|const|let|interface|type|enum) ([\w$]+)/

/** Reads declarations, following imports within the package. Comments are expected to be gone. */
export class Declarations {
  readonly #files = new Map<string, DeclarationFile>()

  /** The names that a file exports, sorted. */
  exportsOf(path: string): readonly string[] {
    const { exported, stars } = this.#read(path)
    return [...new Set([...exported.keys(), ...stars.flatMap((star) => this.exportsOf(star))])].sort(compare)
  }

  /** What a file exports under a name. */
  find(path: string, name: string): Declaration | undefined {
    // What comes from another package is that package's surface.
    if (!isAbsolute(path)) return undefined
    const { exported, stars } = this.#read(path)
    const origin = exported.get(name)
    if (origin) return origin.from === undefined ? this.#local(path, origin.name) : this.find(origin.from, origin.name)
    for (const star of stars) {
      const found = this.find(star, name)
      if (found) return found
    }
    return undefined
  }

  /** The text of a declaration. */
  textOf({ path, name }: Declaration): string {
    return this.#read(path).declared.get(name)?.join('\n') ?? ''
  }

  /** The declarations of the package that a declaration mentions. */
  mentionedBy(declaration: Declaration): readonly Declaration[] {
    const names = new Set(this.textOf(declaration).match(/[A-Za-z_$][\w$]*/g))
    return [...names].flatMap((name) => this.#local(declaration.path, name) ?? [])
  }

  #local(path: string, name: string): Declaration | undefined {
    const { declared, imported } = this.#read(path)
    if (declared.has(name)) return { path, name }
    const origin = imported.get(name)
    return origin?.from === undefined ? undefined : this.find(origin.from, origin.name)
  }

  #read(path: string): DeclarationFile {
    let file = this.#files.get(path)
    if (!file) {
      file = parse(readFileSync(path, 'utf8'), dirname(path))
      this.#files.set(path, file)
    }
    return file
  }
}

/** By code units, so that the order is the same everywhere. */
export function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function parse(text: string, folder: string): DeclarationFile {
  const declared = new Map<string, string[]>()
  const imported = new Map<string, Origin>()
  const exported = new Map<string, Origin>()
  const stars: string[] = []
  for (const statement of text.split(STATEMENT).map((part) => part.trim())) {
    const [, star] = STAR.exec(statement) ?? []
    const [, kind, list, from] = LIST.exec(statement) ?? []
    const [, isExported, name] = DECLARATION.exec(statement) ?? []
    if (star) stars.push(resolve(folder, star))
    else if (list !== undefined) {
      for (const item of list
        .split(',')
        .map((one) => one.trim().replace(/^type /, ''))
        .filter(Boolean)) {
        const [original = item, local = original] = item.split(' as ')
        const origin = { from: from && resolve(folder, from), name: original }
        ;(kind === 'import' ? imported : exported).set(local, origin)
      }
    } else if (name !== undefined) {
      declared.set(name, [...(declared.get(name) ?? []), statement])
      if (isExported) exported.set(name, { from: undefined, name })
    }
  }
  return { declared, imported, exported, stars }
}

/** The declaration file of a module of the same package; the name of another package as it is. */
function resolve(folder: string, specifier: string): string {
  return specifier.startsWith('.') ? join(folder, specifier.replace(/\.ts$/, '.d.ts')) : specifier
}
