import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Answers a request of Node's server as a web server would; what has a body is answered without it having been read. What
 * is no request for the web (a target that is no URL, `TRACE`) is answered with 400: thrown here, it would end the process.
 */
export function answerNode(
  { method = 'GET', url = '/' }: IncomingMessage,
  response: ServerResponse,
  answer: (request: Request) => Response,
): void {
  let request: Request
  try {
    request = new Request(new URL(url, 'http://localhost'), { method })
  } catch {
    response.writeHead(400).end()
    return
  }
  const answered = answer(request)
  response.writeHead(answered.status, Object.fromEntries(answered.headers))
  void answered.text().then((text) => response.end(text))
}
