-- SPDX-License-Identifier: Apache-2.0
-- Answers {"version millis value"} of a record, or {''}.
-- KEYS     as for change.lua
-- ARGV[1]  kind:id
-- Fails on a replica, which may once have been the primary: what it has may be old.
redis.call('ZREMRANGEBYRANK', KEYS[4], 1, 0)
return {redis.call('HGET', KEYS[1], ARGV[1]) or ''}
