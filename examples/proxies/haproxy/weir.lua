-- Asks Weir whether a request may go on. Sets txn.weir_status to the status of Weir's answer, or to
-- "down"; txn.weir_body, txn.weir_retry_after, txn.weir_limit and txn.weir_policy to what it said.

-- About this connection or this body, or what only a proxy may say.
local not_passed = {
  ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["host"] = true,
  ["keep-alive"] = true, ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true,
  ["transfer-encoding"] = true, ["upgrade"] = true, ["x-original-method"] = true,
  ["x-original-uri"] = true, ["x-original-url"] = true,
}

local said = {
  ["retry-after"] = "txn.weir_retry_after",
  ["ratelimit"] = "txn.weir_limit",
  ["ratelimit-policy"] = "txn.weir_policy",
}

core.register_action("weir", { "http-req" }, function(txn, address, timeout)
  local headers = {}
  local host = ""
  for name, values in pairs(txn.http:req_get_headers()) do
    if name == "host" then
      host = values[0]
    elseif not not_passed[name] then
      headers[name] = {}
      for i = 0, #values do
        table.insert(headers[name], values[i])
      end
    end
  end
  headers["x-forwarded-method"] = { txn.sf:method() }
  headers["x-forwarded-uri"] = { txn.sf:pathq() }
  headers["x-forwarded-host"] = { host }
  headers["x-forwarded-for"] = { txn.sf:src() }
  local answer = core.httpclient():get({
    url = "http://" .. address .. "/v1/auth",
    headers = headers,
    timeout = tonumber(timeout),
  })
  local denied = answer ~= nil and answer.headers ~= nil and answer.headers["x-weir-status"]
  -- HAProxy makes answers up where there are none; a refusal of Weir says what it is.
  if answer == nil or answer.status ~= 200 and not denied then
    txn:set_var("txn.weir_status", "down")
    return
  end
  txn:set_var("txn.weir_status", tostring(answer.status))
  txn:set_var("txn.weir_body", answer.body or "")
  for name, variable in pairs(said) do
    if answer.headers[name] ~= nil then
      txn:set_var(variable, answer.headers[name][0])
    end
  end
end, 2)
