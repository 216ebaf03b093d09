-- SPDX-License-Identifier: Apache-2.0
-- For wrk: requests of 100 000 users in random order.
math.randomseed(os.time())
request = function()
  return wrk.format('GET', '/api/data?user_id=user-' .. math.random(1, 100000))
end
