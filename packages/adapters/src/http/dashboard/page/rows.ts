/** One change of a list of rows. `before`: the row that it comes to stand before; null for the end. */
export type RowStep =
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'insert' | 'move'; readonly key: string; readonly before: string | null }

/**
 * What turns one list of keys into another. Rows that stay are never taken out, as that would lose the focus in them and
 * what is unfolded; they are moved only where their order changed. Keys are unique in each list.
 */
export function planRows(current: readonly string[], wanted: readonly string[]): RowStep[] {
  const steps: RowStep[] = []
  const keep = new Set(wanted)
  const list: string[] = []
  for (const key of current) {
    if (keep.has(key)) list.push(key)
    else steps.push({ kind: 'remove', key })
  }
  for (const [index, key] of wanted.entries()) {
    if (list[index] === key) continue
    const at = list.indexOf(key, index)
    steps.push({ kind: at < 0 ? 'insert' : 'move', key, before: list[index] ?? null })
    if (at >= 0) list.splice(at, 1)
    list.splice(index, 0, key)
  }
  return steps
}
