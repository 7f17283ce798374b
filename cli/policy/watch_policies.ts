import { InvalidPolicyError } from "../../src/errors.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { configCentre, type ConfigEvent } from "../../src/provider/config_centre.ts";
import { Interruption } from "../interruption.ts";
import type { Paint } from "../paint.ts";
import { printable, printableName } from "../printable.ts";
import type { StoreAction } from "../store/store_command.ts";
import { UsageError } from "../usage_error.ts";
import { differencePhrase, differences } from "./differences.ts";

/** `switchgear policy watch`: every policy as it stands, then each change. */
export const WATCH: StoreAction = {
  name: "policy watch",
  summary: "print the policies as they stand, then each change as it comes",
  operands: "[NAME]",
  arity: [0, 1],
  options: {
    count: { type: "string", valueName: "N", description: "end after so many lines" },
  },
  details: [
    "With --json each line is one JSON object. Ctrl-C ends it, with status 130. While the backend",
    "is out of reach it waits, and then prints what has changed meanwhile.",
  ],
  run: async ({ store: { backend, prefix }, invocation, io, paint }) => {
    const [name] = invocation.operands;
    let left = countOf(invocation.values.get("count"));
    // A backend that is out of reach from the start is an error, and nothing to wait for.
    await backend.read(prefix);
    using interruption = new Interruption();
    const known = new Map<string, Policy>();
    const events = configCentre(backend, prefix).watch({
      signal: interruption.signal,
      ...(name !== undefined && { name }),
    });
    for await (const event of events) {
      const at = new Date().toISOString();
      const line = invocation.flags.has("json")
        ? JSON.stringify({ at, ...valueOf(event) })
        : `${paint("dim", at)}  ${lineOf(event, known, paint)}`;
      io.stdout(`${line}\n`);
      remember(event, known);
      if (--left === 0) return 0;
    }
    return interruption.status ?? 0;
  },
};

function countOf(text: string | undefined): number {
  if (text === undefined) return Infinity;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--count must be a number of at least 1, not ${JSON.stringify(text)}`);
}

function valueOf(event: ConfigEvent<Policy>): object {
  if (event.kind === "delete") return event;
  const { name, source, revision, text, value, error } = event.item;
  const faults = error instanceof InvalidPolicyError ? error.faults : [];
  return { kind: "put", name, source, revision, text, policy: value ?? null, faults };
}

function lineOf(
  event: ConfigEvent<Policy>,
  known: ReadonlyMap<string, Policy>,
  paint: Paint,
): string {
  if (event.kind === "delete") return `${printableName(event.name)}  ${paint("yellow", "deleted")}`;
  const { name, revision, value, error } = event.item;
  const start = `${printableName(name)}  revision ${revision}  `;
  if (value === undefined) {
    const why = error instanceof Error ? error.message : String(error);
    return `${start}${paint("red", `refused: ${printable(why)}`)}`;
  }
  const before = known.get(name);
  const phrase = differencePhrase(differences(before ?? {}, value));
  return start + (phrase || (before === undefined ? "nothing set" : "the same fields"));
}

function remember(event: ConfigEvent<Policy>, known: Map<string, Policy>): void {
  if (event.kind === "delete") known.delete(event.name);
  else if (event.item.value !== undefined) known.set(event.item.name, event.item.value);
}
