/** Fields of a job's hash that make a dead letter, in the order in which `DEAD_FETCH` answers them. */
export const DEAD_FIELDS: readonly string[] = [
  'name',
  'data',
  'priority',
  'atm',
  'stc',
  'timestamp',
  'isobar:reason',
  'isobar:error',
  'failedReason',
  'isobar:redrives',
  'isobar:tenant',
]

/**
 * Which dead letters come next, newest first, after a place between two of them.
 *
 *     KEYS  the bases of the queues
 *     ARGV  most of each queue, then for each: how to start (`all`, `upto` or `below` a time, `after` a job), time, id
 *
 * Answers for each queue `id, time of death, bytes of data`, one after the other.
 */
export const DEAD_PAGE: string = `
local most = tonumber(ARGV[1])

-- How many come before the place right after a job that died then, whether or not it is still there.
local function countBefore(failed, died, id)
  local now = call('ZSCORE', failed, id)
  if not now then
    call('ZADD', failed, died, id)
    local rank = call('ZREVRANK', failed, id)
    call('ZREM', failed, id)
    return rank
  end
  call('ZADD', failed, died, id)
  local rank = call('ZREVRANK', failed, id)
  call('ZADD', failed, now, id)
  -- Its own place counts, unless it died before.
  return tonumber(now) < tonumber(died) and rank or rank + 1
end

local answer = {}
for queue, base in ipairs(KEYS) do
  local how, died, id = ARGV[queue * 3 - 1], ARGV[queue * 3], ARGV[queue * 3 + 1]
  local failed = base .. 'failed'
  local from = 0
  if how == 'after' then from = countBefore(failed, died, id)
  elseif how == 'below' then from = call('ZCOUNT', failed, died, '+inf')
  elseif how == 'upto' then from = call('ZCOUNT', failed, '(' .. died, '+inf') end
  local page = call('ZREVRANGE', failed, from, from + most - 1, 'WITHSCORES')
  local rows = {}
  for at = 1, #page, 2 do
    rows[#rows + 1] = page[at]
    rows[#rows + 1] = page[at + 1]
    rows[#rows + 1] = call('HSTRLEN', base .. page[at], 'data')
  end
  answer[queue] = rows
end
return answer
`

/**
 * The fields of dead letters.
 *
 *     KEYS  the bases of the queues
 *     ARGV  queue and id of each
 */
export const DEAD_FETCH: string = `
local answer = {}
for at = 1, #ARGV, 2 do
  local base, id = KEYS[tonumber(ARGV[at])], ARGV[at + 1]
  if call('ZSCORE', base .. 'failed', id) then
    answer[#answer + 1] = call('HMGET', base .. id, ${DEAD_FIELDS.map((field) => `'${field}'`).join(', ')})
  else
    answer[#answer + 1] = {}
  end
end
return answer
`

/**
 * Redrives or discards dead letters.
 *
 *     KEYS  the set of known queues
 *     ARGV  prefix of all queues, `redrive` or `discard`, then queue (empty: any) and id of each
 *
 * Answers how many.
 */
export const DEAD_TAKE: string = `
local time = getTime()

local function redrive(base, id)
  local key = base .. id
  local code = reprocessJob({key, base .. 'events', base .. 'failed', base .. 'wait', base .. 'meta', base .. 'active',
    base .. 'marker', base .. 'prioritized', base .. 'pc'}, {id, 'LPUSH', 'failedReason', 'failed', '1', '1'})
  if code ~= 1 then return 0 end
  call('HDEL', key, 'isobar:reason', 'isobar:error', 'isobar:at', 'isobar:unstarted', 'stacktrace', 'stc', 'defa', 'progress')
  call('HSET', key, 'isobar:due', string.format('%.0f', time))
  call('HINCRBY', key, 'isobar:redrives', 1)
  local dedupe = call('HMGET', key, 'deid', 'isobar:dedupe')
  -- A key that was taken meanwhile stays with its taker.
  if dedupe[1] and dedupe[2] and dedupe[2] ~= 'window' then
    call('SET', base .. 'de:' .. dedupe[1], id, 'NX')
  end
  return 1
end

local taken = 0
local known
for at = 3, #ARGV, 2 do
  local queue, id = ARGV[at], ARGV[at + 1]
  if queue == '' and not known then known = call('SMEMBERS', KEYS[1]) end
  for _, name in ipairs(queue ~= '' and {queue} or known) do
    local base = ARGV[1] .. ':' .. name .. ':'
    if call('ZSCORE', base .. 'failed', id) then
      taken = taken + (ARGV[2] == 'redrive' and redrive(base, id) or ARGV[2] == 'discard' and remove(base, id) or 0)
    end
  end
end
return taken
`
