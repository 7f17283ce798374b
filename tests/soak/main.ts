/**
 * Runs a soak: `deno task soak --for 10m`. See `--help`.
 *
 * @module
 */
import { formatDuration } from "../../mod.ts";
import { startTimer } from "./real_timers.ts";
import { SoakContext } from "./soak_context.ts";
import { parseSoak, type SoakOptions, USAGE } from "./soak_options.ts";
import { runSoak } from "./soak_run.ts";

/** With everything closed, nothing keeps the process for longer than this. */
const LEAVING_MS = 2_000;

/** Turns what would end the process into violations. */
function catchUnhandled({ violations }: SoakContext): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    violations.add("no rejection is unhandled", describe(event.reason));
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    violations.add("no error is uncaught", describe(event.error ?? event.message));
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** Prints the verdict. */
function conclude({ violations, ledger }: SoakContext, { forMs, seed }: SoakOptions): void {
  for (const { invariant, times, seen } of violations.all()) {
    console.log(`VIOLATED ${times} times: ${invariant}`);
    for (const each of seen) console.log(`  ${each}`);
  }
  const soak = `${ledger.made} calls, --for ${formatDuration(forMs)} --seed ${seed}`;
  if (violations.count === 0) console.log(`soak passed: ${soak}`);
  else console.log(`soak failed: ${violations.count} violations in ${soak}`);
}

async function main(options: SoakOptions): Promise<void> {
  const context = new SoakContext();
  catchUnhandled(context);
  const interrupt = (): void => context.end();
  Deno.addSignalListener("SIGINT", interrupt);
  console.error(
    `soak: ${options.breakers} breakers, --for ${
      formatDuration(options.forMs)
    } --seed ${options.seed}`,
  );
  if (typeof Reflect.get(globalThis, "gc") !== "function") {
    console.error("soak: without --v8-flags=--expose-gc the heap is measured uncollected");
  }
  // The verdict is spoken when nothing is left to do: what keeps the process is part of it.
  addEventListener("unload", () => {
    conclude(context, options);
    Deno.exitCode = context.violations.count === 0 ? 0 : 1;
  });
  try {
    for (const line of await runSoak(context, options, console.error)) console.log(line);
  } catch (error) {
    context.violations.add("the soak runs to its end", describe(error));
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
  Deno.exitCode = context.violations.count === 0 ? 0 : 1;
  Deno.unrefTimer(startTimer(() => {
    const seen = `${LEAVING_MS} ms after everything was closed it is still there`;
    context.violations.add("the process ends by itself", seen);
    Deno.exit(1);
  }, LEAVING_MS));
}

if (import.meta.main) {
  const invocation = parseSoak(Deno.args, Math.random);
  if (invocation.kind === "help") {
    console.log(USAGE);
  } else if (invocation.kind === "mistake") {
    console.error(`${invocation.message}\n\n${USAGE}`);
    Deno.exitCode = 2;
  } else {
    await main(invocation.options);
  }
}
