import assert from "node:assert/strict";
import { readCases } from "../model/conformance_case.ts";
import { runCase } from "../model/run_case.ts";
import { describeDifference } from "./difference_case.ts";
import { PLANTED_FAULTS } from "./planted_faults.ts";
import { PreparedScope, type Scope } from "./scope.ts";
import { scopeNamed, SCOPES } from "./scopes.ts";
import { Search, type SearchOptions } from "./search.ts";

/** How deep scopes are explored here, besides those that need more to show all that they are there for. */
const SHALLOW = 5;
const DEEPER: Readonly<Record<string, number>> = {
  "everything": 6,
  "everything in time": 6,
  "backoff": 9,
  "modes": 7,
  "ramp": 11,
  "probes": Infinity,
};

/** What the exploration has to come across to be worth its name. */
const WANTED = [
  ...["look", "begin", "advance", "back", "policy", "unseen policy", "mode", "reset", "restore"],
  ...["random", "settled as success", "settled as failure", "settled as timeout"],
  ...["settled as ignored", "settled as cancelled", "settled as dropped"],
  ...["closed", "open", "half-open", "normal", "disabled", "forced-open", "metrics-only"],
  ...["refused: open", "refused: probing", "refused: ramping", "refused: forced"],
  ...["tripped by failureThreshold", "tripped by failureRate", "tripped by slowCallRate"],
  ...["tripped by timeoutRate", "tripped by readyToTrip"],
  ...["closed to open: tripped", "open to half-open: open-timeout"],
  ...["half-open to open: probe-failure", "half-open to open: probe-timeout"],
  ...["half-open to closed: recovered", "half-open to closed: reset", "open to closed: reset"],
  ...["closed to open: mode", "half-open to open: mode", "half-open to closed: mode"],
  ...["open to closed: mode", "stale", "slow", "ramp", "ramp after a good interval"],
  ...["ramp closed", "second reopening", "three calls in flight", "three probes in flight"],
  ...["would open", "would open again", "call of a replaced breaker", "count left open by R3"],
  ...["overdue probe", "aged restore", "hold", "release", "asking failure", "held"],
  ...["refused: held", "trip", "tripped by manual", "tripped by failureCount"],
  "aborted by a time limit",
];

function explored(scope: Scope, options: SearchOptions & { readonly depth: number }): Search {
  const search = new Search(scope, options);
  while (
    search.progress.depth < options.depth && !search.progress.complete && search.deepen()
  );
  return search;
}

Deno.test("R1 to R24: production does what the model does in every short sequence of events", async (context) => {
  const reached = new Set<string>();
  for (const scope of SCOPES) {
    await context.step(scope.name, () => {
      const signatures = new Set<string>();
      const depth = DEEPER[scope.name] ?? SHALLOW;
      const search = explored(scope, {
        depth,
        onState: (signature) => signatures.add(signature.join()),
      });
      const { difference, states, complete } = search.progress;
      if (difference !== undefined) assert.fail(describeDifference(scope, difference));
      assert.equal(complete, depth === Infinity, "a scope has an end exactly where one is awaited");
      assert.equal(signatures.size, states, "two states share a digest");
      for (const each of search.reached) reached.add(each);
    });
  }
  await context.step("every state, refusal, criterion and way between states is reached", () => {
    assert.deepEqual(WANTED.filter((each) => !reached.has(each)), []);
  });
});

Deno.test("no two scopes have a policy in common, so that no state is counted twice", () => {
  const policies = SCOPES.flatMap((scope) =>
    new PreparedScope(scope).policies.map(({ effective }) => JSON.stringify(effective))
  );
  assert.deepEqual(policies.filter((policy, index) => policies.indexOf(policy) !== index), []);
});

for (const { what, makeCore, scope: name, events } of PLANTED_FAULTS) {
  Deno.test(`${what} shows after ${events} events, in a case that the model passes`, () => {
    const scope = scopeNamed(name);
    assert(scope !== undefined);
    const { difference } = explored(scope, { depth: 8, makeCore }).progress;
    assert(difference !== undefined);
    assert.equal(difference.events.length, events);
    const text = describeDifference(scope, difference, makeCore);
    const [found, ...others] = readCases(text.slice(text.indexOf("\n[") + 1));
    assert(found !== undefined && others.length === 0);
    assert.equal(runCase(found), undefined);
  });
}
