/** A secret in quotes, as `inspect` writes it, or in JSON within JSON, stood in logs and in the last failure. */
import assert from "node:assert/strict";
import { hideSecrets } from "../../src/check/hide_secrets.ts";
import { describeFailure } from "../../src/breaker/trip/last_failure.ts";

const NESTED = JSON.stringify({ body: JSON.stringify({ password: "hunter2", user: "ada" }) });

const HIDDEN: readonly (readonly [string, string])[] = [
  ["{ user: 'ada', password: 'hunter2' }", "{ user: 'ada', password: '…' }"],
  ["{ 'client_secret': 'hunter2', n: 1 }", "{ 'client_secret': '…', n: 1 }"],
  ['password: "hunter2", n: 1', 'password: "…", n: 1'],
  ['{"password" : "hunter2"}', '{"password" : "…"}'],
  ['{"password":1234567,"n":1}', '{"password":…,"n":1}'],
  [String.raw`{"password":"hun\"ter2","n":1}`, '{"password":"…","n":1}'],
  ["{ token: 'hunter2' }", "{ token: '…' }"],
];

for (const [text, shown] of HIDDEN) {
  Deno.test(`a secret in quotes is hidden: ${shown}`, () => assert.equal(hideSecrets(text), shown));
}

Deno.test("a secret in JSON within JSON is hidden", () => {
  assert.doesNotMatch(hideSecrets(NESTED), /hunter2/);
  assert.match(hideSecrets(NESTED), /ada/);
  const error = new Error(`400 Bad Request: ${NESTED}`);
  assert.doesNotMatch(describeFailure(error, true).message ?? "", /hunter2/);
});
