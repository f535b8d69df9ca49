-- Posts the file GIBBS_BODY, or the files GIBBS_BODY.0, GIBBS_BODY.1, … in turn.
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
local turn = 0
request = function()
  turn = turn % #bodies + 1
  return wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, bodies[turn])
end
