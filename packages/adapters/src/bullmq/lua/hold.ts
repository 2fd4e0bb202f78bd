/**
 * Extends leases.
 *
 *     KEYS  the set of known queues, then the bases of the queues
 *     ARGV  lease in ms, then queue, id and token of each delivery
 *
 * Answers `place, reason` of the lost.
 */
export const EXTEND: string = `
local time = getTime()
local lost, looked = {}, {}
for at = 2, #ARGV, 3 do
  local base, id, token = KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2]
  if call('GET', base .. id .. ':lock') == token then
    call('SET', base .. id .. ':lock', token, 'PX', ARGV[1])
    call('SREM', base .. 'stalled', id)
    if not looked[base] then
      looked[base] = true
      lookAfter(base, time, tonumber(ARGV[1]))
    end
  else
    local canceled = call('HGET', base .. 'isobar:canceled:' .. id, 'isobar:token') == token
    lost[#lost + 1] = (at - 2) / 3
    lost[#lost + 1] = canceled and 'canceled' or 'lease'
  end
end
return lost
`

/**
 * Keeps the progress of a job, for who holds its lease.
 *
 *     KEYS  the set of known queues, then the base of the queue
 *     ARGV  id, token, progress as JSON, or nothing to forget it
 */
export const PROGRESS: string = `
local base, id = KEYS[2], ARGV[1]
if call('GET', base .. id .. ':lock') ~= ARGV[2] then return 0 end
if ARGV[3] then
  updateProgress({base .. id, base .. 'events', base .. 'meta'}, {id, ARGV[3]})
else
  call('HDEL', base .. id, 'progress')
end
return 1
`
