import type { HealthAnswer, LivePoint } from '../answers.ts'
import { make, need, setText } from './dom.ts'
import { formatBytes, formatCount, formatDuration } from './format.ts'

/** What a badge says, and how it looks. */
function showBadge(id: string, text: string, look: 'good' | 'bad' | 'open' | 'none'): void {
  const badge = need(id)
  setText(badge, text)
  badge.className = `badge ${look}`
  badge.hidden = text === ''
}

/** A line of facts. Which ones there are may change; each is made once. */
export function showFacts(list: HTMLElement, facts: readonly (readonly [name: string, value: string])[]): void {
  while (list.children.length > facts.length) list.lastElementChild?.remove()
  for (const [index, [name, value]] of facts.entries()) {
    let fact = list.children[index]
    if (!fact) {
      fact = list.appendChild(make('div'))
      fact.append(make('dt'), make('dd'))
    }
    setText(fact.children[0] as Element, name)
    setText(fact.children[1] as Element, value)
  }
}

/** The worker in one line. */
export function showHealth({ health, desired, may, broker }: HealthAnswer): void {
  const { id, state, healthy, uptimeMs, running, buffered, settling, counts, memory } = health
  setText(need('worker'), id)
  document.title = `${healthy ? '' : '! '}isobar · ${id}`
  showBadge('state', state, state === 'running' ? 'good' : 'open')
  showBadge('healthy', healthy ? '' : 'unhealthy', 'bad')
  showBadge('read-only', may.write ? '' : 'read-only', 'none')
  showFacts(need('facts'), [
    ['Up', formatDuration(Math.floor(uptimeMs / 1_000) * 1_000)],
    ['Broker', broker],
    ['Running', formatCount(running)],
    ['Buffered', formatCount(buffered)],
    ['Settling', formatCount(settling)],
    ['Done', formatCount(counts.done)],
    ['Retried', formatCount(counts.retried)],
    ['Dead', formatCount(counts.dead)],
    ['Lost', formatCount(counts.lost)],
    ['Worker RSS', formatBytes(memory?.rss)],
    ...(desired === null ? [] : [['Workers wanted', formatCount(desired)] as const]),
  ])
}

/** How late the worker's own timers are: the last second's. */
export function showLoopDelay(point: LivePoint): void {
  setText(need('loop-delay'), formatDuration(point.loopDelay))
}

/** Says whether what is shown is of now. */
export function showConnection(text: string, live: boolean): void {
  showBadge('connection', text, live ? 'good' : 'bad')
  document.body.classList.toggle('stale', !live)
}
