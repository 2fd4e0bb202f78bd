import { build } from 'esbuild'
import { expect, it } from 'vitest'
import type { Snapshot } from '../../heap/snapshot.ts'
import { SourcePlaces } from './source-places.ts'

const FOLDER = '/project'

/** Two sources in one script, the second of which keeps something. */
async function bundle(): Promise<{ code: string; map: string; folder: string }> {
  const sources: Readonly<Record<string, string>> = {
    'main.ts': `import { keep } from './kept.ts'\nexport default (): void => keep()\n`,
    'kept.ts': `const kept: number[] = []\n\nexport function keep(): void {\n  kept.push(1)\n}\n`,
  }
  const { outputFiles } = await build({
    stdin: { contents: sources['main.ts'] as string, sourcefile: 'main.ts', resolveDir: FOLDER, loader: 'ts' },
    ...{ bundle: true, write: false, format: 'esm', sourcemap: 'external', outfile: `${FOLDER}/out.js` },
    plugins: [
      {
        name: 'sources',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^\.\/kept/ }, () => ({ path: `${FOLDER}/kept.ts` }))
          onLoad({ filter: /kept\.ts$/ }, () => ({ contents: sources['kept.ts'] as string, loader: 'ts' }))
        },
      },
    ],
  })
  const text = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? ''
  return { code: text('.js'), map: text('.map'), folder: FOLDER }
}

it('puts places in a script as they are in its sources', async () => {
  const places = new SourcePlaces(await bundle())
  const line = (await bundle()).code.split('\n').findIndex((text) => text.includes('function keep'))
  const snapshot = {
    locations: new Map([
      [1, { script: 7, line, column: 0 }],
      [2, { script: 8, line: 3, column: 0 }],
    ]),
  } as unknown as Snapshot
  const { locations } = places.place(snapshot, 7)
  const place = locations.get(1)
  expect(place?.line).toBe(2)
  expect(places.sources()[place?.script ?? 0]).toBe('file:///project/kept.ts')
  expect(locations.get(2)).toEqual({ script: 8, line: 3, column: 0 })
  const declared = place?.declares?.('kept')
  expect(declared?.line).toBe(0)
  expect(places.sources()[declared?.script ?? 0]).toBe('file:///project/kept.ts')
  expect(place?.declares?.('nothing')).toBeUndefined()
})

it('puts them so in the text of a stack, too', async () => {
  const { code, ...rest } = await bundle()
  const line = code.split('\n').findIndex((text) => text.includes('function keep')) + 1
  const stack = `Error: no\n    at keep (file:///tmp/out.js:${line}:1)\n    at node:internal:1:2`
  expect(new SourcePlaces({ code, ...rest }).inText(stack, 'out.js')).toBe(
    'Error: no\n    at keep (/project/kept.ts:3:8)\n    at node:internal:1:2',
  )
})
