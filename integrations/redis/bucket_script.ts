import { createHash } from "node:crypto";

/**
 * A token bucket as one Lua script, kept the way the generic cell rate algorithm
 * (ITU-T I.371, as a "virtual scheduler" and as the equivalent leaky bucket) keeps it: not what is
 * there is stored, but what has been taken and has not flowed back yet. So a bucket that nobody
 * used is no key at all, a key may expire when the bucket is full again, and a capacity or rate that
 * changes keeps what was consumed.
 *
 * The state is one string, `whole part at tokens micros`: as of the instant `at` (microseconds of
 * Redis's clock), `whole` tokens and `part` of `micros` parts of one are taken, and `tokens` flow
 * back in `micros` microseconds. All are whole numbers whose products stay below 2^53, where Lua's
 * numbers are exact: nothing drifts, whatever the rate.
 *
 * - A refused call writes nothing, unless the rate is another than before, or the clock went back.
 * - Time that passed between a call under one rate and one under another counts at the lower of the
 *   two, since the script cannot know when the change was: never more flows back than both allow. Parts
 *   are converted rounded up.
 * - A clock that goes back stands still, and counts on from where it is then.
 *
 * Why not `rate-limiter-flexible`, which is well kept and without dependencies: its Redis limiter
 * (11.4) counts in fixed windows (`INCRBY` on a key that expires), which lets through twice the limit
 * around the end of a window, so that no bound of `rate x t + capacity` holds; its points and duration
 * belong to an object, so that a live change means new objects; and to most clients it sends the text of
 * its script with every call. What it would save is this file.
 */
export const BUCKET_SCRIPT = `
local n, capacity = tonumber(ARGV[1]), tonumber(ARGV[2])
local tokens, micros = tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call("TIME")
local now = time[1] * 1000000 + time[2]

local whole, part, at, oldTokens, oldMicros = 0, 0, now, tokens, micros
local state = redis.call("GET", KEYS[1])
if state then
  local a, b, c, d, e = string.match(state, "^(%d+) (%d+) (%d+) ([1-9]%d*) ([1-9]%d*)$")
  if a then
    whole, part, at, oldTokens, oldMicros =
      tonumber(a), tonumber(b), tonumber(c), tonumber(d), tonumber(e)
  end
end
local rewrite = now < at or oldTokens ~= tokens or oldMicros ~= micros

local function flowBack(rateTokens, rateMicros)
  local elapsed = math.max(0, now - at)
  local rounds = math.floor(elapsed / rateMicros)
  local units = (elapsed - rounds * rateMicros) * rateTokens
  local more = math.floor(units / rateMicros)
  whole = whole - rounds * rateTokens - more
  part = part - (units - more * rateMicros)
  if part < 0 then
    part = part + rateMicros
    whole = whole - 1
  end
  if whole < 0 then whole, part = 0, 0 end
end

local function convert()
  if oldMicros == micros or part == 0 then return end
  part = math.floor(part / oldMicros * micros) + 1
  if part >= micros then whole, part = whole + 1, 0 end
end

if oldTokens / oldMicros < tokens / micros then
  flowBack(oldTokens, oldMicros)
  convert()
else
  convert()
  flowBack(tokens, micros)
end

local function microsUntil(excess, excessPart)
  local rounds = math.floor(excess / tokens)
  local rest = (excess - rounds * tokens) * micros + excessPart
  return math.min(rounds * micros + math.ceil(rest / tokens), 2 ^ 53)
end

local taken = whole + n
local allowed = taken < capacity or (taken == capacity and part == 0)
local retry = 0
if allowed then
  whole = taken
elseif n > capacity then
  retry = -1
else
  retry = microsUntil(taken - capacity, part)
end

local full = microsUntil(whole, part)
if rewrite or (allowed and n > 0) then
  if full == 0 then
    redis.call("DEL", KEYS[1])
  else
    local format = "%.0f %.0f %.0f %.0f %.0f"
    local ttl = math.ceil(full / 1000) + 1
    redis.call("SET", KEYS[1], string.format(format, whole, part, now, tokens, micros), "PX", ttl)
  end
end

local left = capacity - whole
if part > 0 then left = left - 1 end
return {allowed and 1 or 0, math.max(0, left), retry, full, now}
`;

/** The digest under which Redis knows a script: its SHA-1, in lower case. */
export function digestOf(script: string): string {
  return createHash("sha1").update(script).digest("hex");
}
