import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { nodePlatform } from './node-platform.ts'

test('what is no request for the web is refused, and what comes after it is answered', async () => {
  const server = await nodePlatform.serveHttp({ port: 0, hostname: '127.0.0.1' }, () => new Response('fine'))
  onTestFinished(() => server[Symbol.asyncDispose]())
  const ask = (method: string, path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: server.port, method, path }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on('error', reject).end()
    })
  expect(await ask('TRACE', '/healthz')).toBe(400)
  expect(await ask('GET', '//')).toBe(400)
  expect(await ask('GET', '/healthz')).toBe(200)
})
