/** Holds the lists in docs/api.md and docs/patterns.md to the code: none lacks one that there is. */
import assert from "node:assert/strict";
import * as core from "../mod.ts";
import { SETTING_NAMES } from "../src/breaker/host/check_settings.ts";
import { CRITERIA } from "../src/breaker/trip/trip_criteria.ts";
import { listItems, readPage } from "./docs_pages.ts";

const REASONS: Record<core.RejectionReason, true> = {
  open: true,
  held: true,
  probing: true,
  ramping: true,
  forced: true,
};
const CAUSES: Record<core.TransitionCause, true> = {
  "tripped": true,
  "open-timeout": true,
  "probe-failure": true,
  "probe-timeout": true,
  "manual": true,
  "recovered": true,
  "reset": true,
  "mode": true,
};
const EVENTS: Record<keyof core.BreakerEvents, true> = {
  stateChange: true,
  reject: true,
  wouldOpen: true,
  staleResult: true,
  overdueProbe: true,
  hold: true,
  release: true,
  policyChange: true,
};
const CALL_OPTIONS: Record<keyof core.CallOptions, true> = {
  signal: true,
  timeout: true,
  fallback: true,
  isIgnored: true,
  isFailure: true,
  isResultFailure: true,
  holdAfter: true,
};
const TRIP: Record<keyof core.Trip, true> = {
  criterion: true,
  observed: true,
  threshold: true,
  lastFailure: true,
  reason: true,
  counts: true,
  at: true,
};
const PLACES: Record<keyof core.PlacesStatus, true> = {
  maxBreakers: true,
  held: true,
  evicted: true,
  evictedWithFailures: true,
  refusedNames: true,
};

/** A list of the page: under which heading it stands, and what it must name. */
const LISTS: readonly (readonly [what: string, heading: string, names: readonly string[]])[] = [
  ["reason of a refusal", "## Calls", Object.keys(REASONS)],
  ["option of a call", "## Calls", Object.keys(CALL_OPTIONS)],
  ["setting", "## Settings", SETTING_NAMES],
  ["criterion", "## Looking", CRITERIA],
  ["field of a trip", "## Looking", Object.keys(TRIP)],
  ["event", "## Events", Object.keys(EVENTS)],
  ["cause of a transition", "## Events", Object.keys(CAUSES)],
  ["count of places", "## The provider", Object.keys(PLACES)],
];

for (const [what, heading, names] of LISTS) {
  Deno.test(`docs/api.md names every ${what}`, async () => {
    const items = listItems((await readPage("docs/api.md")).text, heading).join("\n");
    const isNamed = (name: string): boolean =>
      new RegExp(`\`(?:[\\w.()]+\\.)?${name}\\b`).test(items);
    assert.deepEqual(names.filter((name) => !isNamed(name)), []);
  });
}

Deno.test("docs/patterns.md says of every error what it means", async () => {
  const { text } = await readPage("docs/patterns.md");
  const means = text.slice(text.indexOf("## Which error means what"));
  const errors = Object.entries<unknown>({ ...core }).filter(([, each]) =>
    typeof each === "function" && Reflect.get(each, "prototype") instanceof Error
  );
  assert(errors.length > 10);
  const unsaid = errors.map(([name]) => name).filter((name) => !means.includes(`\`${name}\``));
  assert.deepEqual(unsaid, []);
});
