import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { dashboardAssets } from '../packages/adapters/src/http/dashboard/assets.ts'
import { ASSETS, dashboardModule } from './build-dashboard.ts'

/** What the dashboard may weigh in all, in bytes, as it is served without compression. */
const BUDGET = 100_000

test('assets.ts is what its sources make', async () => {
  const written = readFileSync(ASSETS, 'utf8')
  expect(written === (await dashboardModule()), 'write it anew: node scripts/build-dashboard.ts').toBe(true)
})

test('all files together are under 100 KB', () => {
  const sizes = [...dashboardAssets.values()].map(({ body }) => Buffer.byteLength(body))
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(BUDGET)
})

test('the page names files that there are, by relative names, and nothing on another host', () => {
  const page = dashboardAssets.get('index.html')?.body ?? ''
  const names = [...page.matchAll(/(?:src|href)="([^"#][^"]*)"/g)].map(([, name]) => name)
  expect(names.sort()).toEqual([...dashboardAssets.keys()].filter((name) => name !== 'index.html').sort())
  const css = dashboardAssets.get('dashboard.css')?.body ?? ''
  expect(css).not.toMatch(/url\(|@import/)
})

test('nothing in it needs a loose policy: no inline script or style, no eval', () => {
  const page = dashboardAssets.get('index.html')?.body ?? ''
  expect(page).not.toMatch(/<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=/)
  expect(dashboardAssets.get('dashboard.js')?.body).not.toMatch(/\beval\(|new Function\(|innerHTML/)
})

test('the notice of the chart library is kept', () => {
  const script = dashboardAssets.get('dashboard.js')?.body ?? ''
  expect(script).toContain('Leon Sorokin')
  expect(script).toContain('Permission is hereby granted, free of charge')
})
