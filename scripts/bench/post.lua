-- For wrk: one chat request with a body of about 1 KB.
local text = string.rep("harvest bridge ", 54)
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"model":"bench-model","messages":[{"role":"system","content":"You answer in one paragraph."},'
  .. '{"role":"user","content":"' .. text .. '"}],"max_tokens":128,"temperature":0}'
