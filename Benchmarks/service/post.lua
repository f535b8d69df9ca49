-- Posts the file GIBBS_BODY, or the files GIBBS_BODY.0, GIBBS_BODY.1, … in turn. Of events, each round through the files is as many days later as GIBBS_DAYS
-- says, and comes from addresses of its own: else the same days would come again and again, which nothing needs memory for.
local bodies = {}
local function read(name)
  local file = io.open(name, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end
local name = os.getenv("GIBBS_BODY")
local whole = read(name)
if whole then bodies[1] = whole end
local part = read(name .. ".0")
while part do
  bodies[#bodies + 1] = part
  part = read(name .. "." .. #bodies)
end
local days = tonumber(os.getenv("GIBBS_DAYS") or "0")

-- Each of the dates in the files, so many days later.
local dates = {}
if days > 0 then
  for _, body in ipairs(bodies) do
    for date in body:gmatch('"time":"(%d%d%d%d%-%d%d%-%d%d)T') do dates[date] = date end
  end
end
local function advance(round)
  for date in pairs(dates) do
    local year, month, day = date:match("(%d+)-(%d+)-(%d+)")
    dates[date] = os.date("!%Y-%m-%d", os.time({ year = year, month = month, day = day, hour = 12 }) + round * days * 86400)
  end
end

local turn, round = 0, 0
request = function()
  turn = turn + 1
  if turn > #bodies then
    turn, round = 1, round + 1
    if days > 0 then advance(round) end
  end
  local body = bodies[turn]
  if days > 0 and round > 0 then
    body = body:gsub('"time":"(%d%d%d%d%-%d%d%-%d%d)T', function(date) return '"time":"' .. dates[date] .. "T" end)
    body = body:gsub('"address":"', '"address":"' .. round .. "-")
  end
  return wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, body)
end
