import { HarnessError } from '../errors.ts'

/**
 * The lines of a trace that are to be kept, each checked by reading it once; empty lines are passed over.
 * @param read reads a line, whose place is told for messages
 * @throws what `read` throws.
 */
export function keepLines<Line>(
  text: string,
  file: string,
  read: (line: string, where: string) => Line,
  keeps: (line: Line) => boolean = () => true,
): readonly string[] {
  const kept: string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() !== '' && keeps(read(line, `${file}, line ${index + 1}`))) kept.push(line)
  }
  return kept
}

/**
 * The value of a line.
 * @throws {HarnessError} `HARNESS_TRACE` when it is not JSON.
 */
export function parseJsonLine(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new HarnessError('HARNESS_TRACE', `${where} is not JSON; a trace has one JSON object a line`, { cause })
  }
}
