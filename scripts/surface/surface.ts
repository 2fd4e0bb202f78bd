import { join } from 'node:path'
import { compare, type Declaration, Declarations } from './declarations.ts'

/**
 * The public surface of a package as a page: what each entry exports, then every declaration that is exported or that an
 * exported one mentions, by name.
 */
export function toSurface(
  { name, exports }: { readonly name: string; readonly exports: Readonly<Record<string, string>> },
  declarationFolder: string,
): string {
  const declarations = new Declarations()
  const entries = Object.entries(exports).map(([subpath, source]) => {
    const path = join(declarationFolder, source.replace('./src/', '').replace(/\.ts$/, '.d.ts'))
    return { specifier: name + subpath.slice(1), path, names: declarations.exportsOf(path) }
  })
  const exported = entries.flatMap(({ path, names }) => names.flatMap((one) => declarations.find(path, one) ?? []))
  const texts = reach(exported, declarations)
    .map((declaration) => ({ name: declaration.name, text: declarations.textOf(declaration) }))
    .sort((a, b) => compare(a.name, b.name) || compare(a.text, b.text))
    .map(({ text }) => text)
  return [
    `# The public surface of ${name}`,
    'Written by `pnpm vitest run --project unit scripts/public-surface.test.ts -u`. A change is a decision.',
    ...entries.map(({ specifier, names }) => `## ${specifier}\n\n${names.map((one) => `- ${one}`).join('\n')}`),
    '## Declarations',
    `\`\`\`ts\n${texts.join('\n\n')}\n\`\`\``,
  ]
    .join('\n\n')
    .concat('\n')
}

/** The declarations, and all that they mention, directly or not: each once. */
function reach(from: readonly Declaration[], declarations: Declarations): readonly Declaration[] {
  const seen = new Map<string, Declaration>()
  const open = [...from]
  for (let next = open.pop(); next; next = open.pop()) {
    const key = `${next.path} ${next.name}`
    if (seen.has(key)) continue
    seen.set(key, next)
    open.push(...declarations.mentionedBy(next))
  }
  return [...seen.values()]
}
