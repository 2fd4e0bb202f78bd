import { describe, expect, it } from 'vitest'
import { toHtml } from '../src/report/html.ts'
import { layOut, type Picture, screenshot, type View } from './chromium.ts'
import { failedRun, flatRun, inRuntime, leakRun, mixedRun, reportOf, reportSaying } from './report-data.ts'

/** How long the browser may take, in ms: it starts once a test. */
const TIMEOUT_MS = 120_000

const PHONE = { width: 375, height: 2_000 }
const DESKTOP = { width: 1_280, height: 2_000 }

const several = reportOf(
  [mixedRun, inRuntime(flatRun, 'workerd'), inRuntime(leakRun, 'bun')],
  [{ ...failedRun, error: 'x'.repeat(300) }],
)

/** Colours of a picture, with the share of the pixels that each has, the most frequent first. */
function coloursOf({ pixels }: Picture): (readonly [colour: number, share: number])[] {
  const counts = new Map<number, number>()
  for (let at = 0; at < pixels.length; at += 3) {
    const colour = ((pixels[at] as number) << 16) | ((pixels[at + 1] as number) << 8) | (pixels[at + 2] as number)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([colour, count]) => [colour, (count * 3) / pixels.length] as const)
}

const hex = (colour: number): string => `#${colour.toString(16).padStart(6, '0')}`

describe('the HTML report in a browser', () => {
  it.each([
    ['on a phone, light', { ...PHONE, scheme: 'light' }, '#ffffff', '#2458c5'],
    ['on a phone, dark', { ...PHONE, scheme: 'dark' }, '#1c2024', '#84acff'],
    ['on a desk, dark', { ...DESKTOP, scheme: 'dark' }, '#1c2024', '#84acff'],
  ] satisfies [string, View, string, string][])(
    'is drawn %s',
    async (_, view, card, curve) => {
      const picture = await screenshot(toHtml(reportOf([leakRun])), view)
      expect({ width: picture.width, height: picture.height }).toEqual({ width: view.width, height: view.height })
      const colours = coloursOf(picture)
      const shares = new Map(colours.map(([colour, share]) => [hex(colour), share]))
      // Most of it is paper, some of it is ink, and the curves are there.
      expect(shares.get(card)).toBeGreaterThan(0.3)
      expect(1 - (colours[0]?.[1] ?? 1) - (colours[1]?.[1] ?? 0)).toBeGreaterThan(0.02)
      expect(shares.get(curve)).toBeGreaterThan(0.0005)
    },
    TIMEOUT_MS,
  )

  it.each([
    ['several runtimes', several],
    ['long names', reportSaying('AbstractSingletonProxyFactoryBean'.repeat(8))],
    ['nothing', reportOf([])],
  ])(
    'is no wider than the screen: %s',
    async (_, report) => {
      const widths = [320, 375, 1_280]
      expect(await layOut(toHtml(report), widths)).toEqual(
        widths.map((width) => ({ width, scrollWidth: width, outside: [] })),
      )
    },
    TIMEOUT_MS,
  )

  it(
    'would be seen to be too wide',
    async () => {
      const page = toHtml(reportOf([flatRun])).replace('<main>', '<main><div style="width:400px;height:1px"></div>')
      const [narrow, wide] = await layOut(page, [375, 1_280])
      expect(narrow).toEqual({ width: 375, scrollWidth: 416, outside: ['DIV.null'] })
      expect(wide).toEqual({ width: 1_280, scrollWidth: 1_280, outside: [] })
    },
    TIMEOUT_MS,
  )
})
