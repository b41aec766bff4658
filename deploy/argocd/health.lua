-- The health of databricks-kube-operator's objects for Argo CD (Lua 5.1).
local function health(status, message)
  return { status = status, message = message or "" }
end

local conditions = {}
local status = obj.status or {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end
local ready, synced, stalled = conditions.Ready, conditions.Synced, conditions.Stalled

local function is(condition, value)
  return condition ~= nil and condition.status == value
end

if is(synced, "False") and (synced.reason == "Paused" or synced.reason == "PlanPending") then
  return health("Suspended", synced.message)
end
if obj.metadata.deletionTimestamp ~= nil then
  if is(stalled, "True") then
    return health("Degraded", stalled.message)
  end
  return health("Progressing", "Waiting for Databricks to let go")
end
if status.conditions == nil then
  return health("Progressing", "Waiting for the operator")
end
if status.observedGeneration ~= nil and status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "Waiting for the operator to see the new manifest")
end
if is(stalled, "True") then
  return health("Degraded", stalled.message)
end
if is(conditions.Reconciling, "True") then
  return health("Progressing", conditions.Reconciling.message)
end
if is(ready, "True") then
  -- What was applied holds, as far as is known: Databricks cannot be asked at the moment.
  if is(synced, "False") then
    return health("Healthy", synced.message)
  end
  return health("Healthy", ready.message)
end
-- It is tried again by itself.
if ready ~= nil then
  return health("Progressing", ready.message)
end
return health("Progressing", "Waiting for the operator")
