import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers a request of Node's server as a web server would. What has a body is answered without it having been read. */
export function answerNode(
  { method = 'GET', url = '/' }: IncomingMessage,
  response: ServerResponse,
  answer: (request: Request) => Response,
): void {
  const answered = answer(new Request(new URL(url, 'http://localhost'), { method }))
  response.writeHead(answered.status, Object.fromEntries(answered.headers))
  void answered.text().then((text) => response.end(text))
}
