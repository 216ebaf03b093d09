-- SPDX-License-Identifier: Apache-2.0
-- Answers a part of the audit trail, the newest first.
-- KEYS     as for change.lua
-- ARGV[1]  the newest to answer, as the stream names it; ARGV[2] how many
-- Answers {number, millis, author, action, target, before, after, ...}.
-- Fails on a replica, which may once have been the primary: what it has may be old.
redis.call('ZREMRANGEBYRANK', KEYS[4], 1, 0)
local page = redis.call('XREVRANGE', KEYS[6], ARGV[1], '-', 'COUNT', ARGV[2])
local answer = {}
for i = 1, #page do
  local fields = page[i][2]
  answer[#answer + 1] = string.match(page[i][1], '^%d+')
  for field = 2, 12, 2 do
    answer[#answer + 1] = fields[field]
  end
end
return answer
