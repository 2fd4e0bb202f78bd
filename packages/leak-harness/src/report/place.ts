import { dirname, join, relative } from 'node:path'

/** A file of the repository, and a line of it where that is known. */
export interface CodePlace {
  /** Relative to the root, with `/` between folders. */
  readonly file: string
  readonly line: number | undefined
}

/** How places are found. */
export interface PlaceOptions {
  /** Absolute path of the repository. */
  readonly root: string
  /** Whether there is a file of this absolute path. */
  readonly exists: (path: string) => boolean
}

/** A file with its line, as a step of a path ends: `function add (jobs/app.ts:12)`. */
const WITH_LINE = /\(([^()]+):(\d+)\)(?: x [\d,]+)?$/

/** A file alone, as a path begins: `jobs/app.ts`. */
const FILE = /^[^\s()]+\.[cm]?[jt]sx?$/

/**
 * The place in the code that a retaining path names, the nearest to what is retained that is a file of the repository.
 * Paths name a file by its last folder: it is looked for around the module, from its own folder upwards.
 */
export function placeOf(path: readonly string[], module: string, options: PlaceOptions): CodePlace | undefined {
  for (const step of [...path].reverse()) {
    const [, named = FILE.test(step) ? step : undefined, line] = WITH_LINE.exec(step) ?? []
    const file = named === undefined ? undefined : findFile(named, module, options)
    if (file !== undefined) return { file, line: line === undefined ? undefined : Number(line) }
  }
  return undefined
}

/** The module itself, where it is in the repository. */
export function placeOfModule(module: string, { root }: PlaceOptions): CodePlace | undefined {
  const file = withinRoot(module, root)
  return file === undefined ? undefined : { file, line: undefined }
}

function findFile(named: string, module: string, { root, exists }: PlaceOptions): string | undefined {
  for (let folder = dirname(module); withinRoot(folder, root) !== undefined; folder = dirname(folder)) {
    const path = join(folder, named)
    if (path === module || exists(path)) return withinRoot(path, root)
    if (folder === dirname(folder)) break
  }
  return undefined
}

function withinRoot(path: string, root: string): string | undefined {
  const file = relative(root, path).replaceAll('\\', '/')
  return file.startsWith('..') || /^(?:[A-Za-z]:|\/)/.test(file) ? undefined : file
}
