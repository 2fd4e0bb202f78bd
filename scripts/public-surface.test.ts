import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const packages = new URL('../packages/', import.meta.url)

/** What each subpath of each package exports at run time: a change here is a decision. */
describe.each(readdirSync(packages))('%s', (folder) => {
  const { name, exports } = JSON.parse(readFileSync(new URL(`${folder}/package.json`, packages), 'utf8'))
  test.each(Object.entries<string>(exports))(`${name} %s`, async (_, file) => {
    const module: object = await import(new URL(`${folder}/${file}`, packages).href)
    expect(Object.keys(module).sort()).toMatchSnapshot()
  })
})
