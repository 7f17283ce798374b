/** Loads every entry point by `import` and by `require`, and has each form take what the other makes. */
import * as modules from "@switchgear/breaker";
import * as guarding from "@switchgear/breaker/guard";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

const load = createRequire(join(process.cwd(), "main.js"));
const manifest: { name: string; exports: Record<string, unknown>; main: string } = load(
  "@switchgear/breaker/package.json",
);
const common: typeof modules = load(manifest.name);
const commonGuarding: typeof guarding = load(`${manifest.name}/guard`);

const wrong: string[] = [];
function check(what: string, holds: boolean): void {
  if (!holds) wrong.push(what);
}

let entries = 0;
for (const entry of Object.keys(manifest.exports)) {
  if (entry === "./package.json") continue;
  entries++;
  const name = entry.replace(/^\./, manifest.name);
  const imported = Object.keys(await import(name)).filter((key) => key !== "default");
  const required = Object.keys(load(name)).filter((key) => key !== "default");
  check(`${entry} has the same in both forms`, String(required.sort()) === String(imported.sort()));
}
check("at least 16 entry points", entries >= 16);

const folder = join(process.cwd(), "node_modules", manifest.name, "cjs");
for (const path of await readdir(folder, { recursive: true })) {
  if (!path.endsWith(".js")) continue;
  load(join(folder, path));
  const text = await readFile(join(folder, path), "utf8");
  check(`${path} is CommonJS`, !/^(?:import|export)\b/m.test(text)); // some require either
}

/** How often `taker`'s retry tries what throws `maker`'s error. */
async function attemptsOf(taker: typeof modules, maker: typeof modules): Promise<number> {
  let attempts = 0;
  await taker.retry(() => {
    attempts++;
    throw new maker.PermanentError("no such user");
  }, { maxRetries: 3, backoff: 0 }).catch(() => {});
  return attempts;
}

async function refusal(of: typeof modules): Promise<unknown> {
  const client = { get: () => Promise.resolve("not run") };
  const breaker = of.createBreaker("users", { mode: "forced-open" });
  const { guard } = of === modules ? commonGuarding : guarding; // the other form's
  return await guard(client, { getBreaker: () => breaker }, { name: "users", methods: ["get"] })
    .get().catch((error: unknown) => error);
}

const PAIRS: readonly [typeof modules, typeof modules][] = [[modules, common], [common, modules]];
for (const [taker, maker] of PAIRS) {
  check("one attempt at what the other form calls permanent", await attemptsOf(taker, maker) === 1);
  check(
    "the other form's refusal is known",
    await refusal(maker) instanceof taker.BreakerOpenError,
  );
  const limit = maker.createTimeout("1ms");
  const breaker = taker.createBreaker("users");
  await breaker.do(() => limit.do(() => new Promise(() => {}))).catch(() => {});
  check("the other form's time limit is a timeout", breaker.counts.lifetime.timeouts === 1);
}
console.log(wrong.length === 0 ? "done" : wrong.join("\n"));
