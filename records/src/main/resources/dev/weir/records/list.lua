-- SPDX-License-Identifier: Apache-2.0
-- Answers the records of a kind, a page at a time.
-- KEYS     as for change.lua
-- ARGV[1]  the least name to answer, with its bracket; ARGV[2] the name before which to end
-- ARGV[3]  the most records in a page; ARGV[4] the most bytes, but for the last of them
-- Answers {'more' or 'all', kind:id, "version millis value", ...}.
-- Fails on a replica, which may once have been the primary: what it has may be old.
redis.call('ZREMRANGEBYRANK', KEYS[4], 1, 0)
local page = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
local answer = {#page == tonumber(ARGV[3]) and 'more' or 'all'}
local bytes = 0
for i = 1, #page do
  if bytes > tonumber(ARGV[4]) then
    answer[1] = 'more'
    break
  end
  local kept = redis.call('HGET', KEYS[1], page[i])
  bytes = bytes + #kept
  answer[#answer + 1] = page[i]
  answer[#answer + 1] = kept
end
return answer
