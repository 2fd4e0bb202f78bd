import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Compiled templates in a cache keyed by their source, which has the customer's name in it. */
const templates = new Map<string, (data: unknown) => string>()

export default ({ data }: ZooJob): unknown => {
  const source = isLeaky(data) ? `return 'Dear ${data.to}, ' + data.text` : "return 'Hello, ' + data.text"
  let template = templates.get(source)
  if (!template) {
    template = new Function('data', source) as (data: unknown) => string
    templates.set(source, template)
  }
  return template(data)
}
