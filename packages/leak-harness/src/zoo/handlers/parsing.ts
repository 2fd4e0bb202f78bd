import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Much JSON and many regular expressions, and nothing of them is kept. */
export default ({ data }: ZooJob): number => {
  const rows = Array.from({ length: 20 }, (_, n) => ({ n, text: data.text, to: data.to }))
  const copy = JSON.parse(JSON.stringify(rows)) as typeof rows
  return copy.filter(({ text }) => /(\d+[a-z]+)+\d/.test(text)).map(({ to }) => to.replace(/@.*$/, '')).length
}
