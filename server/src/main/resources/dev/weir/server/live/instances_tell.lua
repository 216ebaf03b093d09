-- SPDX-License-Identifier: Apache-2.0
-- Keeps what an instance tells of itself, and forgets those that have fallen silent.
-- KEYS[1]  a sorted set of instances by the millisecond of their last word
-- KEYS[2]  a hash of what each said
-- ARGV[1]  the instance's id
-- ARGV[2]  what it says; empty if it leaves
-- ARGV[3]  milliseconds after which a silent instance is forgotten
-- Answers {}.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local gone
if ARGV[2] == '' then
  gone = {ARGV[1]}
else
  redis.call('ZADD', KEYS[1], string.format('%d', now), ARGV[1])
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
  local before = string.format('%d', now - ARGV[3])
  gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', before, 'LIMIT', 0, 100)
end
if #gone > 0 then
  redis.call('ZREM', KEYS[1], unpack(gone))
  redis.call('HDEL', KEYS[2], unpack(gone))
end
return {}
