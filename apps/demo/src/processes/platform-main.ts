import process from 'node:process'
import { styleText } from 'node:util'
import type { Adapter } from './adapter.ts'
import { toCount } from './format.ts'
import { describePlace, isKept } from './place.ts'
import { type Platform, type ServeOptions, servePlatform } from './platform.ts'

/** Between two lines, in ms. */
const LINE_MS = 5_000

/** Serves the platform until a signal ends it, and tells every few seconds how far it is. */
export async function runPlatform(options: ServeOptions, adapter: Adapter): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let platform: Platform | undefined
  const say = (text: string): void => void process.stdout.write(`${text}\n`)
  platform = await servePlatform(options, {
    adapter,
    signals: true,
    onNotice: (message) => say(styleText('dim', `  note: ${message}`)),
    onListen: (url) => say(toHead(url, options)),
    onStop() {
      clearInterval(timer)
      if (platform) say(toEnd(platform, options))
    },
  })
  timer = setInterval(() => platform && say(toLine(platform)), LINE_MS)
}

/** Where to look and what can be done there, first of all. */
function toHead(url: string, { serve: { rate }, place }: ServeOptions): string {
  const link = (path: string): string => styleText('cyan', `${url}${path}`)
  return `${styleText('bold', 'isobar demo')}  ${link('')}  watch memory per job and queues, redrive dead letters
             ${link('/switches')}  let sending leak, or customers' servers fail, and see what comes of it

  an e-mail platform, ${toCount(rate)} jobs a second until Ctrl-C; ${describePlace(place)}
`
}

function toLine(platform: Platform): string {
  const { switches, server } = platform
  const { running, leaks } = server.worker.health()
  const suspects = leaks.filter(({ suspect }) => suspect).map(({ name }) => name)
  return [
    `  ${toCounts(platform)}  running ${running}`,
    ...(switches.leak.isOn ? [styleText('yellow', 'leaking')] : []),
    ...(switches.outage.isOn ? [styleText('yellow', 'outage')] : []),
    ...(suspects.length > 0 ? [styleText('red', `suspect: ${suspects.join(', ')}`)] : []),
  ].join('  ')
}

function toCounts({ server, fed }: Platform): string {
  const { counts } = server.worker.health()
  return [
    `fed ${toCount(fed)}`,
    `done ${toCount(counts.done)}`,
    `retried ${toCount(counts.retried)}`,
    `dead ${toCount(counts.dead)}`,
  ].join('  ')
}

function toEnd(platform: Platform, { place }: ServeOptions): string {
  const next = isKept(place) ? 'start it again, and it goes on' : 'the next start begins anew'
  return `\n  drained: ${toCounts(platform)}; ${next}`
}
