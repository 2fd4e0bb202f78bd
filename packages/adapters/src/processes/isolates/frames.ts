/**
 * What a supervisor tells an isolate: frames of text, each a header line and a body of so many UTF-16 code units, so that
 * a payload passes as the text it came as, unescaped and undecoded, whatever is in it.
 *
 *     kind TAB number TAB length-of-body TAB head-as-JSON LF body
 */
export interface Frame {
  readonly kind: FrameKind
  /** The job's number in this isolate, or that of a request; 0 where there is none. */
  readonly n: number
  /** JSON; empty where there is none. */
  readonly head: string
  readonly body: string
}

/**
 * - `init`: what to load. - `job`: a delivery. - `abort`: of a job. - `recall`: hand back what has not started.
 * - `collect`: read the memory after a full collection. - `hook`: a hook fired outside. - `sent`: the answer to a
 * `send`. - `end`: dispose and exit.
 */
export type FrameKind = 'init' | 'job' | 'abort' | 'recall' | 'collect' | 'hook' | 'sent' | 'end'

/** A frame as text. */
export function toFrame(kind: FrameKind, n = 0, head = '', body = ''): string {
  return `${kind}\t${n}\t${body.length}\t${head}\n${body}`
}

/** Cuts a stream of text into frames, wherever it was broken on its way. */
export class FrameReader {
  #text = ''

  /** Takes the next piece, and answers with the frames that are complete. */
  read(piece: string): Frame[] {
    const text = this.#text + piece
    const frames: Frame[] = []
    let at = 0
    for (;;) {
      const end = text.indexOf('\n', at)
      if (end < 0) break
      // JSON has no tabs of its own: there are four fields.
      const [kind, n, length, head = ''] = text.slice(at, end).split('\t')
      const bodyEnd = end + 1 + Number(length)
      if (text.length < bodyEnd) break
      frames.push({
        kind: kind as FrameKind,
        n: Number(n),
        head,
        body: text.slice(end + 1, bodyEnd),
      })
      at = bodyEnd
    }
    this.#text = text.slice(at)
    return frames
  }
}
