/**
 * Policies in a real etcd that is killed under load and comes back: calls go on as before under
 * the last policies, and what is edited right after the restart is obeyed.
 *
 * Run it from a clone: `deno task demo:etcd`, with `--fast` for about 6 s in place of 15, and with
 * `--transport gateway` for etcd's JSON gateway in place of gRPC; `--help` says it all.
 *
 * Exit status: 0 all of that was so; 1 it was not; 2 wrong usage, or there is no etcd to run;
 * 130 interrupted (Ctrl-C), with nothing left behind.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { Interruption } from "../../cli/interruption.ts";
import { reasonOf } from "../../cli/reason_of.ts";
// The example is run from a clone, so that it may unpack and run etcd as the tests do.
import { provideBinary } from "../../tests/servers/debian_package.ts";
import { ETCD } from "../../tests/servers/etcd.ts";
import { findingLines } from "./finding_lines.ts";
import { type EtcdDemoOptions, runEtcdDemo } from "./run_etcd_demo.ts";
import { FAST, FULL } from "./timing.ts";

const USAGE = `Usage: deno task demo:etcd [--fast] [--transport grpc|gateway]

Runs a service on the policies in a real etcd, kills that etcd under load, brings
it back and edits a policy: calls go on as before, and the edit is obeyed at once.

  --fast                     takes about 6 s in place of 15
  --transport grpc|gateway   how etcd is talked to (grpc); gateway is JSON over HTTP
  -h, --help                 shows this

Exit status: 0 all of that was so; 1 it was not; 2 wrong usage, or there is no etcd
to run; 130 interrupted (Ctrl-C), with nothing left behind.`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (options === "help") {
    console.log(USAGE);
    return 0;
  }
  if ("mistake" in options) {
    console.error(`${options.mistake}\n\n${USAGE}`);
    return 2;
  }
  using interruption = new Interruption();
  const { signal } = interruption;
  try {
    const binary = await provideBinary(ETCD);
    signal.throwIfAborted();
    if (!binary.available) {
      console.error(`There is no etcd to run: ${binary.reason}`);
      return 2;
    }
    const findings = await runEtcdDemo({ ...options, write, signal });
    for (const line of findingLines(findings)) write(line);
    return findings.checks.every(({ passed }) => passed) ? 0 : 1;
  } catch (error) {
    if (interruption.status === undefined) throw error;
    console.error("\nInterrupted; etcd, the services, the calls and all folders are gone.");
    return interruption.status;
  }
}

type Wishes = Omit<EtcdDemoOptions, "write" | "signal">;

/** The options, or what is wrong with them. */
function optionsOf(args: readonly string[]): Wishes | "help" | { readonly mistake: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        fast: { type: "boolean" },
        transport: { type: "string", default: "grpc" },
        help: { type: "boolean", short: "h" },
      },
    });
    const { fast, transport, help } = values;
    if (help) return "help";
    if (transport !== "grpc" && transport !== "gateway") {
      return { mistake: `Unknown transport ${JSON.stringify(transport)}` };
    }
    return { timing: fast ? FAST : FULL, transport };
  } catch (error) {
    return { mistake: reasonOf(error) };
  }
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
