import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { inflateSync } from 'node:zlib'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** How long the browser may take, in ms: far more than it needs. */
const TIMEOUT_MS = 60_000

/** The browser on the PATH. Throws where there is none, with what mends it. */
function findChromium(): string {
  const paths = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)))
  const found = paths.find((path) => existsSync(path))
  if (found === undefined)
    throw new Error(`there is no browser on the PATH (${NAMES.join(', ')}); install one: apt-get install -y chromium`)
  return found
}

/** How a page is looked at. */
export interface View {
  readonly width: number
  readonly height: number
  readonly scheme: 'light' | 'dark'
}

/** Lays a page out in a browser without a window. Answers with what `--screenshot` or `--dump-dom` makes. */
async function browse<T>(page: string, { width, height, scheme }: View, work: (run: Run) => Promise<T>): Promise<T> {
  const chromium = findChromium()
  const folder = await mkdtemp(join(tmpdir(), 'leak-harness-page-'))
  try {
    const file = join(folder, 'page.html')
    await writeFile(file, page)
    return await work(async (...args) => {
      const options = [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', `--user-data-dir=${folder}/profile`],
        ...[`--window-size=${width},${height}`, `--blink-settings=preferredColorScheme=${scheme === 'dark' ? 0 : 1}`],
      ]
      const { stdout } = await promisify(execFile)(chromium, [...options, ...args, file], {
        timeout: TIMEOUT_MS,
        maxBuffer: 64e6,
        cwd: folder,
      })
      return { stdout, folder }
    })
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

type Run = (...args: string[]) => Promise<{ readonly stdout: string; readonly folder: string }>

/** A picture of a page. */
export function screenshot(page: string, view: View): Promise<Picture> {
  return browse(page, view, async (run) => {
    const { folder } = await run('--screenshot=page.png')
    return readPng(await readFile(join(folder, 'page.png')))
  })
}

/** How a page comes out in a place of some width. */
export interface Layout {
  readonly width: number
  /** How wide it is: more than its place when it has to be scrolled to the side. */
  readonly scrollWidth: number
  /** Elements that reach over the right edge, but for what scrolls by itself. */
  readonly outside: readonly string[]
}

/**
 * Lays a page out in places of several widths, with all that unfolds open. It is measured by the script of a page
 * around it, as it may have none itself.
 */
export async function layOut(page: string, widths: readonly number[]): Promise<Layout[]> {
  const content = page.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  const frames = widths.map((width) => `<iframe style="width:${width}px;border:0" srcdoc="${content}"></iframe>`)
  const probe = `<!doctype html><pre id="out"></pre>${frames.join('')}
<script>
onload = () => {
  const layouts = [...document.querySelectorAll('iframe')].map((frame) => {
    const { documentElement } = frame.contentDocument
    for (const fold of documentElement.querySelectorAll('details')) fold.open = true
    const width = frame.clientWidth
    const outside = [...documentElement.querySelectorAll('body *')]
      .filter((one) => !one.closest('.scroll') && one.getBoundingClientRect().right > width + 0.5)
      .map((one) => one.tagName + '.' + one.getAttribute('class'))
    return { width, scrollWidth: documentElement.scrollWidth, outside }
  })
  out.textContent = JSON.stringify(layouts)
}
</script>`
  const { stdout } = await browse(probe, { width: 1_400, height: 1_000, scheme: 'light' }, (run) => run('--dump-dom'))
  const [, json] = /<pre id="out">(.+?)<\/pre>/.exec(stdout) ?? []
  if (!json) throw new Error(`the page was not laid out: ${stdout.slice(0, 200)}`)
  return JSON.parse(json) as Layout[]
}

/** A picture, three bytes a pixel. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** Reads a PNG as browsers write them: 8 bits a channel, RGB or RGBA, not interlaced. */
function readPng(file: Buffer): Picture {
  const [width, height, channels] = [file.readUInt32BE(16), file.readUInt32BE(20), file[25] === 6 ? 4 : 3]
  const data: Buffer[] = []
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)))
  }
  const raw = inflateSync(Buffer.concat(data))
  const stride = width * channels
  const pixels = new Uint8Array(width * height * 3)
  let above = new Uint8Array(stride)
  for (let y = 0; y < height; y++) {
    const line = unfilter(raw.subarray(y * (stride + 1), (y + 1) * (stride + 1)), above, channels)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) pixels[(y * width + x) * 3 + c] = line[x * channels + c] as number
    above = line
  }
  return { width, height, pixels }
}

/** One line of a PNG as it was before its filter (PNG, second edition, 9.2). */
function unfilter(filtered: Uint8Array, above: Uint8Array, channels: number): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(above.length)
  const kind = filtered[0]
  for (let at = 0; at < line.length; at++) {
    const left = at >= channels ? (line[at - channels] as number) : 0
    const up = above[at] as number
    const corner = at >= channels ? (above[at - channels] as number) : 0
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][kind ?? 0] as number
    line[at] = (filtered[at + 1] as number) + guess
  }
  return line
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}
