-- SPDX-License-Identifier: Apache-2.0
-- Says that a node lives, and counts those that have said so lately.
-- KEYS[1]  a sorted set of nodes by the millisecond of their last word
-- ARGV[1]  the node's id
-- ARGV[2]  milliseconds after which a silent node counts no more
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[1], string.format('%d', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now - ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
