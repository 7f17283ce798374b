import assert from "node:assert/strict";
import { ClientKey } from "../../../integrations/http_server/client_key.ts";
import { IpRange, parseIp } from "../../../integrations/http_server/ip_address.ts";
import { acceptedFormat } from "../../../integrations/prometheus/accepted_format.ts";
import { retryAfterMs } from "../../../mod.ts";
import { OptionsCheck } from "../../../src/check/check_options.ts";
import type { Draws } from "../draws.ts";
import { mutated } from "../mutate.ts";
import { NASTY_NAMES, NASTY_NUMBERS } from "../nasty.ts";
import type { FuzzTarget } from "../target.ts";

const NOW_MS = Date.UTC(2024, 1, 29, 12, 0, 0);
const PLAIN = [
  ...["120", "0", "Thu, 29 Feb 2024 12:00:30 GMT", "Thursday, 29-Feb-24 12:00:30 GMT"],
  ...["Thu Feb 29 12:00:30 2024", "Wed, 30 Feb 2024 12:00:30 GMT", "12s", "1.5", "-1", ""],
];

/** Retry-After: a wait that is no less than nothing, or none. */
export const RETRY_AFTER: FuzzTarget = {
  name: "Retry-After headers",
  short: 3_000,
  input: (draws) => {
    if (draws.chance(0.2)) return new Date(NOW_MS + draws.below(2 ** 31) * 1_000).toUTCString();
    return mutated(draws, draws.pick([...PLAIN, ...NASTY_NUMBERS, ...NASTY_NAMES]));
  },
  check: (text) => {
    const expected = waitOf(text.trim());
    for (
      const error of [
        { retryAfter: text },
        { headers: { "Retry-After": text } },
        { response: { headers: { "rEtRy-aFtEr": [text] } } },
        new Error("of a cause", { cause: { headers: { get: () => text } } }),
      ]
    ) {
      const found = retryAfterMs(error, () => NOW_MS);
      assert(found === undefined || found >= 0, `${found}`);
      if (expected !== "unknown") assert.equal(found, expected);
    }
  },
};

/** What can be said of a Retry-After without reading dates as the code does. */
function waitOf(text: string): number | undefined | "unknown" {
  if (/^[0-9]+$/.test(text)) return Number(text) * 1_000;
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs) || !/[A-Z]/.test(text)) {
    return Number.isNaN(timeMs) ? "unknown" : undefined;
  }
  const isFixdate = text.length === 29 && new Date(timeMs).toUTCString() === text;
  return isFixdate ? Math.max(0, timeMs - NOW_MS) : "unknown";
}

const HOPS = [
  ...["10.0.0.1", "192.0.2.7", "2001:db8::1", "::ffff:10.0.0.1", "[::1]:80", "1.2.3.4:5"],
  ...["fe80::1%eth0", "::", "1::2::3", "256.1.1.1", "01.2.3.4", "unknown", "1.2.3", ":::", "/8"],
];

function hops(draws: Draws): string {
  const list = draws.list(5, () => draws.pick(HOPS)).join(draws.pick([",", ", ", " ,", ";"]));
  return mutated(draws, list).replaceAll(/[^\t\x20-\x7e]/g, "");
}

/** Addresses in requests: a key of bounded length, and none of a client's own choice unless it is trusted. */
export const CLIENT_KEYS: FuzzTarget = {
  name: "addresses of clients",
  short: 1_500,
  input: hops,
  check: (text) => {
    const address = parseIp(text);
    if (address !== undefined) {
      assert(address.length === 4 || address.length === 16);
      assert(address.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255));
      assert(IpRange.parse(text)?.has(address) ?? true);
    }
    if (IpRange.parse(text) !== undefined) assert(text.length < 120);
    assert(["text", "openmetrics"].includes(acceptedFormat(text)));
    const headers = { "x-forwarded-for": text, "x-user-id": text };
    const request = new Request("http://localhost/", { headers });
    const key = (trustedProxies: "any" | string[]): string =>
      new ClientKey({ trustedProxies }, {
        check: new OptionsCheck("limit rate"),
        report: (message) => assert.fail(message),
      }).of(request, { remoteAddr: { hostname: "192.0.2.1" } });
    assert.equal(key([]), "address 192.0.2.1");
    assert.equal(key(["10.0.0.0/8"]), "address 192.0.2.1");
    assert(key("any").length <= 256);
    assert.match(key("any"), /^(user|address|unknown)/);
  },
};
