-- SPDX-License-Identifier: Apache-2.0
-- Answers what has changed since a step, a page at a time; all changes of a step are in one page.
-- KEYS     as for change.lua
-- ARGV[1]  a name for the set of records, should it be new
-- ARGV[2]  the name that is known; empty to begin with everything
-- ARGV[3]  the step after which to begin
-- ARGV[4]  the step from which on every deletion must still be known
-- ARGV[5]  the most records in a page, but for the end of a step; ARGV[6] the most bytes, likewise
-- ARGV[7]  microseconds for which a deletion is known
-- Answers {epoch, last step, 'again'} where it cannot be known what has changed, or
-- {epoch, last step, 'more' or 'all', kind:id, step, "version millis value" or '' if gone, ...}.
local values, changes, gone, about = KEYS[1], KEYS[3], KEYS[4], KEYS[5]
-- Fails on a replica, which may once have been the primary: what it has may be old.
redis.call('ZREMRANGEBYRANK', gone, 1, 0)
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local epoch = redis.call('HGET', about, 'epoch')
if not epoch then
  epoch = ARGV[1]
  redis.call('HSET', about, 'epoch', epoch)
end
local old = redis.call('ZRANGEBYSCORE', gone, '-inf', string.format('%d', now - ARGV[7]),
  'WITHSCORES', 'LIMIT', 0, 100)
for i = 1, #old, 2 do
  redis.call('HSET', about, 'pruned', old[i + 1])
  redis.call('ZREM', changes, old[i])
  redis.call('ZREM', gone, old[i])
end
local sequence = redis.call('HGET', about, 'sequence') or '0'
local pruned = redis.call('HGET', about, 'pruned') or '0'
if ARGV[2] ~= '' and (epoch ~= ARGV[2] or tonumber(ARGV[3]) > tonumber(sequence)
  or tonumber(ARGV[4]) < tonumber(pruned)) then
  return {epoch, sequence, 'again'}
end
local most = 3 + 3 * tonumber(ARGV[5])
-- A step has at most 100 changes.
local page = redis.call('ZRANGEBYSCORE', changes, '(' .. ARGV[3], '+inf',
  'WITHSCORES', 'LIMIT', 0, ARGV[5] + 101)
local answer = {epoch, sequence, 'all'}
local bytes = 0
for i = 1, #page, 2 do
  local name, step = page[i], page[i + 1]
  if (#answer >= most or bytes > tonumber(ARGV[6])) and step ~= answer[#answer - 1] then
    answer[3] = 'more'
    break
  end
  local kept = redis.call('HGET', values, name) or ''
  bytes = bytes + #kept
  answer[#answer + 1] = name
  answer[#answer + 1] = step
  answer[#answer + 1] = kept
end
return answer
