-- SPDX-License-Identifier: Apache-2.0
-- Answers what every instance said that has spoken lately, '' where that is lost.
-- KEYS     as for instances_tell.lua
-- ARGV[1]  milliseconds after which a silent instance does not count
-- ARGV[2]  how many are answered at most; 1..1000
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local after = '(' .. string.format('%d', now - ARGV[1])
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], after, '+inf', 'LIMIT', 0, ARGV[2])
if #ids == 0 then
  return {}
end
local said = redis.call('HMGET', KEYS[2], unpack(ids))
for i = 1, #ids do
  said[i] = said[i] or ''
end
return said
