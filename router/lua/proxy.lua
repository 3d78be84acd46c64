-- What happens to a request: find its app, take an endpoint, try another when that one cannot be reached, give it back.

local balancer = require "ngx.balancer"
local guard = require "guard"
local routing = require "routing"

local M = {}

local pages = {
  [403] = "Forbidden: this app may not be used from your address.\n",
  [404] = "Not found: no app is served under this name.\n",
  [503] = "Service unavailable: the app has no running web process at the moment.\n",
}

local function answer(status)
  ngx.status = status
  ngx.header["Content-Type"] = "text/plain; charset=utf-8"
  if status == 503 then
    ngx.header["Retry-After"] = "5"
  end
  ngx.print(pages[status])
  return ngx.exit(status)
end

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["\n"] = "<br>" }

local maintenance_page = [[
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Maintenance</title></head>
<body style="font-family:sans-serif;max-width:40em;margin:20vh auto;padding:0 1em"><h1>Maintenance</h1><p>%s</p></body></html>
]]

-- HTML for browsers, text for everybody else.
local function answer_maintenance(message)
  if message == "" then
    message = "This app is being maintained. Please try again later."
  end
  ngx.status = 503
  ngx.header["Retry-After"] = "60"
  ngx.header["Cache-Control"] = "no-store"
  if (ngx.var.http_accept or ""):find("text/html", 1, true) then
    ngx.header["Content-Type"] = "text/html; charset=utf-8"
    ngx.print((maintenance_page:gsub("%%s", function() return (message:gsub('[&<>"\n]', escapes)) end)))
  else
    ngx.header["Content-Type"] = "text/plain; charset=utf-8"
    ngx.print(message .. "\n")
  end
  return ngx.exit(503)
end

-- Returns whether the request may go on; else it is answered.
local function pass(app_guard)
  if not guard.admits(app_guard, ngx.var.binary_remote_addr) then
    return false, answer(403)
  end
  if app_guard.maintenance then
    return false, answer_maintenance(app_guard.maintenance)
  end
  return true
end

-- What a load balancer in front wants to know: whether this router can route.
local function health()
  if not routing.ready() then
    return answer(503)
  end
  ngx.var.logged = ""
  ngx.header["Content-Type"] = "text/plain"
  ngx.print("OK\n")
  return ngx.exit(200)
end

-- access phase of app virtual hosts
function M.access()
  local host = ngx.var.host
  local endpoint, exists, app_guard = routing.take(host)
  if app_guard then
    if not pass(app_guard) then
      return
    end
    endpoint, exists = routing.take(host, nil, true)
  end
  if not endpoint then
    if not exists and ngx.var.uri == "/health-check" then
      return health()
    end
    return answer((exists or not routing.ready()) and 503 or 404)
  end
  ngx.ctx = { host = host, endpoint = endpoint, tried = false }  -- all members at once: no table grows on the way
end

-- balancer phase: runs for the first try and for each one after a connection failed
function M.balance()
  local ctx = ngx.ctx
  if ctx.tried then
    -- The table may have changed since: what cannot be reached is often just what was replaced.
    local failed = ctx.endpoint
    local other = routing.take(ctx.host, failed, true)
    if other then
      routing.release(failed)
      ctx.endpoint = other
    end
  else
    ctx.tried = true
    balancer.set_more_tries(2)
  end
  local endpoint = ctx.endpoint
  local ok, err = balancer.set_current_peer(endpoint.host, endpoint.port)
  if not ok then
    ngx.log(ngx.ERR, "cannot use endpoint ", endpoint.host, ":", endpoint.port, ": ", err)
    return ngx.exit(502)
  end
end

-- log phase: always runs, aborted requests and closed WebSockets included
function M.done()
  local endpoint = ngx.ctx.endpoint
  if endpoint then
    routing.release(endpoint)
  end
end

-- balancer phase of a component's virtual host
function M.balance_component(name)
  local host, port = (routing.component(name) or ""):match("^(.*):(%d+)$")
  if not host then
    return ngx.exit(503)
  end
  balancer.set_current_peer(host, tonumber(port))
end

-- access phase of a component's virtual host: an answer of its own while nobody is announced
function M.access_component(name)
  if not routing.component(name) then
    ngx.status = 503
    ngx.header["Content-Type"] = "application/json"
    ngx.header["Retry-After"] = "5"
    ngx.print('{"detail": "the ' .. name .. ' is not available at the moment"}\n')
    return ngx.exit(503)
  end
end

return M
