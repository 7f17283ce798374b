import assert from "node:assert/strict";
import { ipKey, IpRange, parseIp } from "../../integrations/http_server/ip_address.ts";

const ADDRESSES: readonly (readonly [string, string])[] = [
  ["192.0.2.1", "192.0.2.1"],
  ["192.0.2.1:443", "192.0.2.1"],
  ["::", "0:0:0:0:0:0:0:0/128"],
  ["::1", "0:0:0:0:0:0:0:1/128"],
  ["1::", "1:0:0:0:0:0:0:0/128"],
  ["2001:DB8:0:0:8:800:200C:417A", "2001:db8:0:0:8:800:200c:417a/128"],
  ["[2001:db8::8:800:200c:417a]", "2001:db8:0:0:8:800:200c:417a/128"],
  ["[2001:db8::1]:8443", "2001:db8:0:0:0:0:0:1/128"],
  ["fe80::1%eth0", "fe80:0:0:0:0:0:0:1/128"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:c000:0201", "192.0.2.1"],
  ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
  ["::192.0.2.1", "0:0:0:0:0:0:c000:201/128"],
  ["64:ff9b::192.0.2.33", "64:ff9b:0:0:0:0:c000:221/128"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0/128"],
];

for (const [text, key] of ADDRESSES) {
  Deno.test(`addresses: ${text} is ${key}`, () => {
    const address = parseIp(text);
    assert.equal(address && ipKey(address, 128), key);
  });
}

const NONE = [
  "",
  "localhost",
  "192.0.2",
  "192.0.2.256",
  "192.0.2.1.5",
  "0x7f.1.1.1",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1::2::3",
  ":::",
  "1:2:3:4:5:6:7:8::",
  "::12345",
  "::g",
  "::1.2.3",
  "1.2.3.4::",
  "[::1",
  "[::1]x",
  "unix:/run/app.sock",
  `${"1:".repeat(1_000)}1`,
];

for (const text of NONE) {
  Deno.test(`addresses: ${JSON.stringify(text.slice(0, 40))} is none`, () => {
    assert.equal(parseIp(text), undefined);
  });
}

const RANGES: readonly (readonly [string, string, boolean])[] = [
  ["10.0.0.0/8", "10.255.255.255", true],
  ["10.0.0.0/8", "11.0.0.0", false],
  ["10.0.0.0/8", "::ffff:10.1.2.3", true],
  ["::ffff:10.0.0.0/104", "10.1.2.3", true],
  ["10.0.0.0/9", "10.128.0.0", false],
  ["192.0.2.1", "192.0.2.1", true],
  ["192.0.2.1", "192.0.2.2", false],
  ["0.0.0.0/0", "192.0.2.1", true],
  ["0.0.0.0/0", "::1", false],
  ["::/0", "::1", true],
  ["::/0", "192.0.2.1", false],
  ["2001:db8::/33", "2001:db8:7fff::1", true],
  ["2001:db8::/33", "2001:db8:8000::1", false],
];

for (const [range, text, isIn] of RANGES) {
  Deno.test(`addresses: ${text} is ${isIn ? "" : "not "}in ${range}`, () => {
    const address = parseIp(text);
    assert.equal(address && IpRange.parse(range)?.has(address), isIn);
  });
}

for (
  const text of ["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "/8", "::ffff:10.0.0.0/8"]
) {
  Deno.test(`addresses: ${text} is no range`, () => {
    assert.equal(IpRange.parse(text), undefined);
  });
}
