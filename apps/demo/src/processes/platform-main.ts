import process from 'node:process'
import { styleText } from 'node:util'
import type { Adapter } from './adapter.ts'
import { describePlace } from './engine.ts'
import { toCount } from './format.ts'
import { type Platform, type ServeOptions, servePlatform } from './platform.ts'

/** Between two lines, in ms. */
const LINE_MS = 5_000

/** Serves the platform until a signal ends it, and tells every few seconds how far it is. */
export async function runPlatform(options: ServeOptions, adapter: Adapter): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const say = (text: string): void => void process.stdout.write(`${text}\n`)
  const platform = await servePlatform(options, {
    adapter,
    signals: true,
    onNotice: (message) => say(styleText('dim', `  note: ${message}`)),
    onStop() {
      clearInterval(timer)
      say('\n  drained; start it again, and it goes on')
    },
  })
  const { rate } = options.serve
  say(`\n${styleText('bold', 'isobar demo')}  an e-mail platform, ${toCount(rate)} jobs a second until Ctrl-C`)
  say(`             ${describePlace(options.place)}`)
  if (platform.url) say(`             ${styleText('cyan', platform.url)}`)
  say('')
  timer = setInterval(() => say(toLine(platform)), LINE_MS)
}

function toLine({ server, fed, leak }: Platform): string {
  const { counts, running, leaks } = server.worker.health()
  const suspects = leaks.filter(({ suspect }) => suspect).map(({ name }) => name)
  return [
    `  fed ${toCount(fed)}`,
    `done ${toCount(counts.done)}`,
    `retried ${toCount(counts.retried)}`,
    `dead ${toCount(counts.dead)}`,
    `running ${running}`,
    ...(leak.isOn ? [styleText('yellow', 'leaking')] : []),
    ...(suspects.length > 0 ? [styleText('red', `suspect: ${suspects.join(', ')}`)] : []),
  ].join('  ')
}
