-- SPDX-License-Identifier: Apache-2.0
-- Makes all changes of a step, or none, and appends to the audit trail in the same moment.
-- KEYS[1]  values: a hash of kind:id -> "version millis value"
-- KEYS[2]  names: a sorted set of kind:id, all of one score
-- KEYS[3]  changes: a sorted set of kind:id by the step that touched it last
-- KEYS[4]  gone: a sorted set of the deleted among them
-- KEYS[5]  about: a hash of epoch, sequence, pruned, bytes, audited
-- KEYS[6]  audit: a stream, numbered from 1
-- ARGV[1]  the number of changes
-- ARGV[2]  a name for the set of records, should it be new
-- ARGV[3]  the most records; ARGV[4] the most bytes in values; ARGV[5] the most audit records
-- ARGV[6]  1 if there is an audit entry; ARGV[7..11] author, action, target, before, after
-- then for each change: kind:id, expected version (0: none), 1 to put or 0 to delete, value
-- Answers {'done', sequence, millis}, {'conflict', index of the change} or {'full'}.
local values, names, changes, gone, about, audit =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local count = tonumber(ARGV[1])
local more, added = 0, 0
for i = 0, count - 1 do
  local at = 12 + 4 * i
  local kept = redis.call('HGET', values, ARGV[at])
  local version = '0'
  if kept then
    version = string.match(kept, '^%d+')
    more = more - #kept
    added = added - 1
  end
  if version ~= ARGV[at + 1] then
    return {'conflict', string.format('%d', i)}
  end
  if ARGV[at + 2] == '1' then
    more = more + #ARGV[at + 3] + 31
    added = added + 1
  end
end
local bytes = tonumber(redis.call('HGET', about, 'bytes') or '0')
if (added > 0 and redis.call('HLEN', values) + added > tonumber(ARGV[3]))
  or (more > 0 and bytes + more > tonumber(ARGV[4])) then
  return {'full'}
end
-- A script is not undone where it fails: what may be forbidden is tried before, on nothing. Want of
-- memory is looked at by the first writing command alone, if that is one that may need some.
local t = redis.call('TIME')
local audited = tonumber(redis.call('HGET', about, 'audited') or '0')
redis.call('HSET', about, 'audited', string.format('%d', audited))
redis.call('HDEL', about, '')
redis.call('ZREM', gone, '')
redis.call('ZADD', gone, 'XX', 0, '')
local now = t[1] * 1000000 + t[2]
local sequence = math.max(tonumber(redis.call('HGET', about, 'sequence') or '0') + 1, now)
local version = string.format('%d', sequence)
local millis = string.format('%d', math.floor(now / 1000))
if ARGV[6] == '1' then
  audited = audited + 1
  redis.call('XADD', audit, 'MAXLEN', '~', ARGV[5], string.format('%d-0', audited),
    'millis', millis, 'author', ARGV[7], 'action', ARGV[8], 'target', ARGV[9],
    'before', ARGV[10], 'after', ARGV[11])
end
redis.call('HSET', about, 'sequence', version, 'bytes', string.format('%d', bytes + more),
  'audited', string.format('%d', audited),
  'epoch', redis.call('HGET', about, 'epoch') or ARGV[2])
for i = 0, count - 1 do
  local at = 12 + 4 * i
  local name = ARGV[at]
  if ARGV[at + 2] == '1' then
    redis.call('HSET', values, name, version .. ' ' .. millis .. ' ' .. ARGV[at + 3])
    redis.call('ZADD', names, 0, name)
    redis.call('ZREM', gone, name)
  else
    redis.call('HDEL', values, name)
    redis.call('ZREM', names, name)
    redis.call('ZADD', gone, version, name)
  end
  redis.call('ZADD', changes, version, name)
end
return {'done', version, millis}
