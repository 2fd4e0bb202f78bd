import { bunPlatform } from './bun-platform.ts'
import { denoPlatform } from './deno-platform.ts'
import { nodePlatform } from './node-platform.ts'
import type { Platform } from './platform.ts'

/** That of the runtime this is. */
export const platform: Platform = 'Bun' in globalThis ? bunPlatform : 'Deno' in globalThis ? denoPlatform : nodePlatform
