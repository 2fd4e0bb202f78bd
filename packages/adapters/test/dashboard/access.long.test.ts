import { describe, expect, test } from 'vitest'
import { hasInk } from './canvas-ink.ts'
import { text, withPage } from './scripted-page.ts'

/** Everything that can be reached, as the page is now, in the order of the document. */
const CONTROLS = `[...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
  .filter((one) => one.checkVisibility() && !one.closest('dialog'))`

const NAME = `((one) => (one.getAttribute('aria-label') ?? one.id) + '|' + one.textContent.slice(0, 40))`

describe('what may not be done', () => {
  test('is not offered to who may only read', () =>
    withPage({ may: { write: false, payloads: false } }, async (page) => {
      await page.until(`document.querySelector('#dead tbody tr')`)
      await page.until(`document.querySelector('#queues tbody tr')`)
      const controls = await page.ask<string[]>(`${CONTROLS}.map((one) => one.textContent || one.id)`)
      const wrong = /Pause|Resume|Redrive|Discard|Recycle|Cancel|dead-values/
      expect(controls.filter((name) => wrong.test(name))).toEqual([])
      expect(await page.ask(text('#read-only'))).toBe('read-only')
    }))

  test('nor is what the broker cannot', () =>
    withPage({ can: { deadLetter: false, lookup: false, pause: false, stats: true } }, async (page) => {
      await page.until(`document.querySelector('#queues tbody tr')`)
      expect(
        await page.ask(
          `['dead-section', 'job-section', 'queues-section'].map((id) => document.getElementById(id).checkVisibility())`,
        ),
      ).toEqual([false, false, true])
      expect(
        await page.ask(
          `[...document.querySelectorAll('#queues button')].filter((one) => one.checkVisibility()).length`,
        ),
      ).toBe(0)
      expect(
        await page.ask(
          `[...document.querySelectorAll('nav a')].filter((one) => one.checkVisibility()).map((one) => one.textContent)`,
        ),
      ).toEqual(['Memory', 'Throughput', 'Isolates', 'Queues'])
    }))
})

describe('for everybody', () => {
  test('the keyboard reaches every control, in the order of the page, with a focus that is seen', () =>
    withPage({ letters: 3 }, async (page) => {
      await page.until(`document.querySelectorAll('#dead tbody tr').length === 3`)
      await page.until(`document.querySelector('#queues tbody tr')`)
      const wanted = await page.ask<string[]>(`${CONTROLS}.map(${NAME})`)
      const reached: string[] = []
      const unseen: string[] = []
      for (let index = 0; index < wanted.length; index++) {
        await page.press('Tab')
        const { name, seen } = await page.ask<{ name: string; seen: boolean }>(`(() => {
          const one = document.activeElement
          const { outlineStyle, outlineWidth } = getComputedStyle(one)
          return { name: ${NAME}(one), seen: outlineStyle === 'solid' && parseFloat(outlineWidth) >= 2 }
        })()`)
        reached.push(name)
        if (!seen) unseen.push(name)
      }
      expect(reached).toEqual(wanted)
      expect(wanted.length).toBeGreaterThan(20)
      expect(unseen).toEqual([])
    }))

  test('everything has a name and a role for screen readers', () =>
    withPage({ letters: 3 }, async (page) => {
      await page.until(`document.querySelectorAll('#dead tbody tr').length === 3`)
      const nodes = await page.accessibility()
      const of = (role: string): string[] => nodes.filter((node) => node.role === role).map(({ name }) => name)
      for (const role of [
        'button',
        'link',
        'textbox',
        'combobox',
        'checkbox',
        'table',
        'columnheader',
        'application',
        'region',
      ])
        expect(
          of(role).filter((name) => name === ''),
          role,
        ).toEqual([])
      expect(of('table').sort()).toEqual([
        'Bytes per job by job type',
        'Dead letters',
        'Isolates',
        'Last recycles',
        'Queues',
      ])
      expect(of('application')).toHaveLength(6)
      for (const landmark of ['main', 'banner', 'navigation', 'search']) expect(of(landmark), landmark).toHaveLength(1)
      expect(of('status').length).toBeGreaterThanOrEqual(3)
    }))

  test.each([320, 375, 768, 1_090, 1_280])('at %d px nothing has to be scrolled to the side', (width) =>
    withPage({ letters: 5 }, async (page) => {
      await page.view(width, 800)
      await page.until(`document.querySelector('#dead details')`)
      await page.ask(`document.querySelector('#dead details').open = true`)
      await page.until(`document.querySelector('#leaks .uplot').getBoundingClientRect().right <= ${width}`)
      expect(await page.ask(`document.documentElement.scrollWidth`)).toBe(width)
      expect(
        await page.ask(`[...document.querySelectorAll('main *')]
          .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
          .filter((one) => !one.closest('.plot') && getComputedStyle(one).clipPath === 'none' && !one.closest('thead'))
          .map((one) => one.outerHTML.slice(0, 100))`),
      ).toEqual([])
    }),
  )

  test.each([320, 390])('at %d px units stay with their figures, and lines with their names', (width) =>
    withPage({}, async (page) => {
      await page.view(width, 800)
      await page.until(`document.querySelector('#leaks .uplot').getBoundingClientRect().right <= ${width}`)
      expect(await page.ask(TORN)).toEqual([])
      expect(
        await page.ask(`[...document.querySelectorAll('#types tbody th')]
          .filter((name) => name.querySelector('.swatch').checkVisibility())
          .filter((name) => {
            const [line] = name.querySelector('span').getClientRects()
            const { top } = name.querySelector('.swatch').getBoundingClientRect()
            return top < line.top || top > line.bottom
          })
          .map((name) => name.innerText)`),
      ).toEqual([])
    }),
  )

  test('it is light or dark as the system is, and turns with it, pictures too', () =>
    withPage({}, async (page) => {
      const paper = `getComputedStyle(document.querySelector('section')).backgroundColor`
      expect([await page.ask(paper), await page.ask(hasInk('b3261e'))]).toEqual(['rgb(255, 255, 255)', true])
      await page.view(1_280, 1_000, 'dark')
      await page.until(hasInk('ff8a80'))
      expect([await page.ask(paper), await page.ask(hasInk('b3261e'))]).toEqual(['rgb(27, 31, 35)', false])
    }))
})

/** Figures whose unit stands on another line. */
const TORN = `[...document.querySelectorAll('main td, main dd, #suspects')].filter((one) => one.checkVisibility()).flatMap((one) => {
  const walk = document.createTreeWalker(one, NodeFilter.SHOW_TEXT)
  const torn = []
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    for (const { index, 0: figure } of node.textContent.matchAll(/\\d\\s[kMG]?B\\b/g)) {
      const range = new Range()
      range.setStart(node, index)
      range.setEnd(node, index + figure.length)
      if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) torn.push(node.textContent)
    }
  }
  return torn
})`
