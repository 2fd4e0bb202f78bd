import { styleText } from 'node:util'
import type { Demo, DemoStatus } from './demo.ts'
import { toCount, toGrowth, toMegabytes, toProgressBar, toSparkline } from './format.ts'
import type { DemoOptions } from './options.ts'
import { describePlace } from './place.ts'

/** Frames a second on a terminal. */
const FRAME_MS = 100

/** Lines a second elsewhere. */
const LINE_MS = 1_000

/** Where the demo is shown: standard output. */
export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Shows a run while it goes on. */
export interface Screen {
  /** Shows where it stands for the last time and takes its timer away. Can be called twice. */
  close(): void
}

const dim = (text: string): string => styleText('dim', text)
const bold = (text: string): string => styleText('bold', text)

/** What runs and where, for the head of the screen. */
export interface ScreenTitle extends Pick<DemoOptions, 'place' | 'concurrency'> {
  readonly run: Demo['run']
}

/** A picture that is drawn over itself on a terminal; a line a second elsewhere. */
export function openScreen(out: Terminal, status: () => DemoStatus, title: ScreenTitle): Screen {
  out.write(toHead(title, status()))
  let drawn = 0
  const draw = (): void => {
    const lines = out.isTTY ? toPicture(status(), out.columns ?? 80) : [toLine(status())]
    out.write(
      `${drawn > 0 ? `\x1b[${drawn}A` : ''}${lines.map((line) => (out.isTTY ? `\x1b[2K${line}\n` : `${line}\n`)).join('')}`,
    )
    drawn = out.isTTY ? lines.length : 0
  }
  let timer: NodeJS.Timeout | undefined = setInterval(draw, out.isTTY ? FRAME_MS : LINE_MS)
  if (out.isTTY) draw()
  return {
    close() {
      if (!timer) return
      clearInterval(timer)
      timer = undefined
      draw()
    },
  }
}

function toHead({ run, place, concurrency }: ScreenTitle, { endedBefore }: DemoStatus): string {
  const about = `${toCount(run.jobs)} jobs of an e-mail platform, ${concurrency} at once, seed ${run.seed}`
  const resumed = run.starts > 1 ? `, start ${run.starts}: goes on at ${toCount(endedBefore)} jobs` : ''
  return `\n${bold('isobar demo')}  ${about}\n             ${describePlace(place)}${resumed}\n`
}

/** The picture, line by line. */
export function toPicture(status: DemoStatus, columns: number): string[] {
  const { ended, total, elapsedMs, ledger, mail, memory, slope } = status
  const width = Math.max(10, Math.min(60, columns - 40))
  const dead = Object.values(ledger.dead).reduce((sum, count) => sum + count, 0)
  const growth = slope === undefined ? '' : `${toGrowth(slope)} a job over the later half, compiled code included`
  return [
    '',
    `  jobs    ${styleText('cyan', toProgressBar(ended, total, width))}  ${toCount(ended)} of ${toCount(total)}`,
    `          ${toCount(rateOf(status))} a second, ${(elapsedMs / 1_000).toFixed(1)} s`,
    `          done ${toCount(ledger.done)}  ${styleText('yellow', `retried ${toCount(ledger.retried)}`)}  ${styleText('red', `dead ${toCount(dead)}`)}  ${dim(`mail ${toCount(mail.messages)}, ${toMegabytes(mail.bytes)}`)}`,
    '',
    `  memory  ${styleText('green', toSparkline(bytesOf(memory), width).padEnd(width))}  ${toMegabytes(memory.at(-1)?.bytes ?? 0)}`,
    `          ${dim(growth)}`,
    '',
  ]
}

/** The same as one line, for logs. */
export function toLine(status: DemoStatus): string {
  const { ended, total, ledger, memory, slope } = status
  const growth = slope === undefined ? '' : `, ${toGrowth(slope)} a job`
  return [
    `${toCount(ended).padStart(7)} of ${toCount(total)} jobs`,
    `${toCount(rateOf(status)).padStart(6)}/s`,
    `retried ${toCount(ledger.retried)}`,
    `memory ${toMegabytes(memory.at(-1)?.bytes ?? 0)} ${toSparkline(bytesOf(memory), 30)}${growth}`,
  ].join('  ')
}

/** Jobs that end here, a second. */
function rateOf({ ended, endedBefore, elapsedMs }: DemoStatus): number {
  return elapsedMs > 0 ? ((ended - endedBefore) / elapsedMs) * 1_000 : 0
}

function bytesOf(memory: DemoStatus['memory']): number[] {
  return memory.map(({ bytes }) => bytes)
}
