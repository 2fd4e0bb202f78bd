import { expect, test } from 'vitest'
import { RedisError } from './errors.ts'

const reply = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' })

test.each([
  [reply("OOM command not allowed when used memory > 'maxmemory'. script: d9a3"), 'REDIS_FULL', /noeviction/],
  [
    reply('ERR Error running script (call to f_1): @user_script:4: -OOM command not allowed'),
    'REDIS_FULL',
    /noeviction/,
  ],
  [reply("READONLY You can't write against a read only replica. script: d9a3"), 'REDIS_READONLY', /primary/],
  [reply('LOADING Redis is loading the dataset in memory'), 'REDIS_UNAVAILABLE', /loads/],
  [reply('NOAUTH Authentication required.'), 'REDIS_REFUSED', /password/],
  [reply('WRONGTYPE Operation against a key holding the wrong kind of value'), 'REDIS', /WRONGTYPE/],
  [reply('ERR unknown command BLOOM'), 'REDIS', /BLOOM/],
  [new Error('Command timed out'), 'REDIS_UNAVAILABLE', /can be reached/],
  [
    Object.assign(new Error('…'), { name: 'MaxRetriesPerRequestError' }),
    'REDIS_UNAVAILABLE',
    /no connection \(refused\)/,
  ],
])('%s', (cause, code, message) => {
  const error = new RedisError('jobs', 'send', cause, 'refused')
  expect(error).toMatchObject({ code, cause, message: expect.stringMatching(message) })
  expect(error.message).toMatch(/^broker jobs could not send: /)
})
