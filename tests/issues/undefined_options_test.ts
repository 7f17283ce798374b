/**
 * With `exactOptionalPropertyTypes` what may be left out must not be `undefined` unless its type says so: `{ clock:
 * options.clock }` did not compile. And where options were merged, an `undefined` won over what stood behind it.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { envBackend } from "../../backends/env.ts";
import { etcdBackend } from "../../backends/etcd/mod.ts";
import { fileBackend } from "../../backends/file/mod.ts";
import { createHttpClient } from "../../integrations/fetch/mod.ts";
import { bulkhead, rateLimit } from "../../integrations/http_server/mod.ts";
import {
  createBreaker,
  createBulkhead,
  createHedge,
  createKeyedLimiter,
  createRetry,
  createServiceBulkheads,
  createTimeout,
  createTokenBucket,
  type Policy,
  resilient,
  type RetryOptions,
} from "../../mod.ts";
import { denoCommand } from "../programs/deno_command.ts";

const ROOT = new URL("../../", import.meta.url);
/** What the types of options are called. */
const TAKEN = /(?:Options|Settings|Classification|Policy|Shorthand|Limits|Request|Tls)$/;
/** What is given out, or handed to somebody else's meter. */
const GIVEN_OUT = /^(?:Effective\w+|InstrumentOptions)$/;

interface DocType {
  readonly kind?: string;
  readonly repr?: string;
  readonly value?: unknown;
}

interface DocProperty {
  readonly name: string;
  readonly optional?: boolean;
  readonly tsType?: DocType;
}

interface DocSymbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly def?: { readonly properties?: readonly DocProperty[] };
  }[];
}

interface Doc {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly DocSymbol[] }>>;
}

/** Every public symbol, with what `deno doc` knows of it. */
async function publicSymbols(): Promise<DocSymbol[]> {
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const entries: string[] = Object.values(config.exports);
  const args = ["doc", "--json", ...entries];
  const { stdout } = await denoCommand({ args, cwd: fileURLToPath(ROOT), stdout: "piped" })
    .output();
  const doc: Doc = JSON.parse(new TextDecoder().decode(stdout));
  return Object.values(doc.nodes).flatMap(({ symbols }) => symbols);
}

function takesUndefined({ kind, value }: DocType): boolean {
  return kind === "union" && Array.isArray(value) && value.some(({ repr }) => repr === "undefined");
}

Deno.test("each public option that may be left out may be undefined", async () => {
  let options = 0;
  const refusing: string[] = [];
  for (const { name, declarations } of await publicSymbols()) {
    for (const { kind, def } of declarations) {
      if (kind !== "interface" || !TAKEN.test(name) || GIVEN_OUT.test(name)) continue;
      for (const property of def?.properties ?? []) {
        if (property.optional !== true || property.tsType === undefined) continue;
        options++;
        if (!takesUndefined(property.tsType)) refusing.push(`${name}.${property.name}`);
      }
    }
  }
  assert.deepEqual(refusing, []);
  assert(options > 150, `only ${options} options were found`);
});

/** The options, all of which are undefined. */
function without<K extends string>(...names: readonly K[]): { readonly [N in K]?: undefined } {
  const options: { [N in K]?: undefined } = {};
  for (const name of names) options[name] = undefined;
  return options;
}

const POLICY: Policy = without("failureThreshold", "timeout", "window", "halfOpen", "mode");
const RETRY: RetryOptions = without("name", "budget", "maxRetryAfter", "clock", "logger", "random");

Deno.test("an option that is undefined has its default", async () => {
  const settings = without("clock", "wallClock", "random", "logger", "isFailure", "freshErrors");
  const breaker = createBreaker("b", POLICY, settings);
  assert.deepEqual(breaker.policy, createBreaker("b").policy);
  const call = without("signal", "timeout", "fallback", "isIgnored", "isResultFailure");
  assert.equal(await breaker.do(() => 1, call), 1);
  assert.equal(breaker.doSync(() => 1, without("fallback", "holdAfter")), 1);
  assert.equal(createRetry(without("maxRetries", "backoff", "jitter"), RETRY).maxAttempts, 3);
  assert.equal(createTimeout("1s", without("mode", "name", "clock")).mode, "hard");
  assert.equal(createHedge(without("delay", "maxHedges", "budget", "name")).name, "hedge");
  assert.equal(createTokenBucket({ rate: 5, ...without("burst", "maxWait", "name") }).burst, 5);
  const limits = createBulkhead({ maxConcurrent: 2, ...without("maxQueued", "maxWait") }).limits;
  assert.deepEqual(limits, createBulkhead({ maxConcurrent: 2 }).limits);
  assert.equal(envBackend(without("prefix", "env")).description, "env");
  assert.equal(fileBackend("/p", without("watch", "debounceMs")).watches, true);
  const etcd = etcdBackend({ transport: "gateway", ...without("hosts", "tls", "namespace") });
  assert.equal(etcd.description, etcdBackend({ transport: "gateway" }).description);
  createHttpClient(without("policy", "maxBreakers", "clock", "logger", "until"));
  rateLimit({ rate: 1, ...without("burst", "limiter", "name", "headers") });
  bulkhead({ bulkhead: createBulkhead({ maxConcurrent: 1 }), ...without("maxConcurrent", "name") });
});

Deno.test("an option that is undefined leaves what stands behind it in force", () => {
  const bulkheads = createServiceBulkheads({ defaults: { maxConcurrent: 3, maxQueued: 4 } });
  bulkheads.setService("users", { maxConcurrent: undefined, maxQueued: 5 });
  const { maxConcurrent, maxQueued } = bulkheads.get("users").limits;
  assert.deepEqual([maxConcurrent, maxQueued], [3, 5]);

  const call = resilient({ name: "users" }).retry({}, { name: undefined }).build();
  assert.equal(call.layers.map((layer) => Reflect.get(layer, "name")).join(), "users");

  const create = { rate: 1, name: undefined };
  assert.equal(createKeyedLimiter({ name: "mail", create }).get("a").name, "mail");
});
