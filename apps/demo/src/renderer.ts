import { Unrecoverable } from '@isobar/core'
import { Liquid, type Template as Parsed } from 'liquidjs'
import { LRUCache } from 'lru-cache'
import type { Template } from './resources.ts'

/** Templates kept compiled. */
export const MAX_COMPILED = 64

/** Most characters that a rendered body may have, in all its parts. */
const MAX_RENDERED_CHARS = 1_000_000

/** Most time that rendering one part may take, in ms. */
const MAX_RENDER_MS = 1_000

/** A message made for one recipient. */
export interface Rendered {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Makes messages from templates. */
export type Renderer = (template: Template, values: Readonly<Record<string, unknown>>) => Promise<Rendered>

interface Compiled {
  readonly version: number
  readonly subject: Parsed[]
  readonly text: Parsed[]
  readonly html: Parsed[]
}

/**
 * Makes messages from Liquid templates. Compiled templates are kept, at most `MAX_COMPILED`, and compiled anew when
 * their version is raised.
 *
 * Why liquidjs: templates are written by customers and run beside other customers' mail, so the library must interpret
 * them and never make code of them. (Workers forbid `eval` and `new Function`, which rules out eta, ejs and handlebars;
 * mustache has no filters and no limits on what a template may cost.) It is typed, maintained and runs on every runtime.
 */
export function createRenderer(): Renderer {
  const limits = {
    strictVariables: true,
    ownPropertyOnly: true,
    memoryLimit: MAX_RENDERED_CHARS,
    renderLimit: MAX_RENDER_MS,
  }
  const plain = new Liquid(limits)
  const markup = new Liquid({ ...limits, outputEscape: 'escape' })
  const compiled = new LRUCache<string, Compiled>({ max: MAX_COMPILED })

  function compile(template: Template): Compiled {
    const kept = compiled.get(template.id)
    if (kept?.version === template.version) return kept
    const { version, subject, text, html } = template
    const fresh = { version, subject: plain.parse(subject), text: plain.parse(text), html: markup.parse(html) }
    compiled.set(template.id, fresh)
    return fresh
  }

  return async (template, values) => {
    try {
      const { subject, text, html } = compile(template)
      return {
        // A line end in a header would start another header.
        subject: String(plain.renderSync(subject, values)).replace(/\s+/g, ' ').trim(),
        text: String(plain.renderSync(text, values)),
        html: String(markup.renderSync(html, values)),
      }
    } catch (cause) {
      throw new Unrecoverable(
        `template ${template.id} could not be rendered; correct it, or send the value it asks for`,
        { cause },
      )
    }
  }
}
