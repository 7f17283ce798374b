/**
 * What the peers and this package do with late, hung and throwing calls, seen by
 * running them: `deno run -A bench/peer_faults.ts` prints the README's table.
 *
 * Each library is set up by its documented options, to open at the second failure
 * and to let one probe through. opossum and mollitia count by rate alone, and are
 * set as near to that as they can be.
 *
 * @module
 */
import { FAULT_CONTENDERS } from "./peer_faults/contenders.ts";
import { type Fault, FAULTS } from "./peer_faults/faults.ts";
import type { FaultContender } from "./peer_faults/subject.ts";

const USAGE = `Usage: deno run -A bench/peer_faults.ts [--help]

Lets the same things go wrong around the breakers of several libraries, and
prints what came of it, as a table in Markdown. Takes some seconds.

Exit status: 0 printed; 1 a library could not be set up; 2 wrong usage.`;

async function row(fault: Fault): Promise<string[]> {
  Deno.stderr.writeSync(new TextEncoder().encode(`${fault.name} …\n`));
  return [fault.name, ...await Promise.all(FAULT_CONTENDERS.map((it) => cell(fault, it)))];
}

async function cell(fault: Fault, contender: FaultContender): Promise<string> {
  try {
    return await fault.run(contender);
  } catch (error) {
    console.error(`${contender.name}: ${error}`);
    Deno.exit(1);
  }
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

const [flag] = Deno.args;
if (flag === "--help") {
  console.log(USAGE);
} else if (flag !== undefined) {
  console.error(`Unexpected argument ${JSON.stringify(flag)}\n\n${USAGE}`);
  Deno.exit(2);
} else {
  const rows: string[][] = [];
  for (const fault of FAULTS) rows.push(await row(fault));
  const head = ["what goes wrong", ...FAULT_CONTENDERS.map(({ name }) => name)];
  console.log([head, head.map(() => "---"), ...rows].map(line).join("\n"));
  // Calls that hang and timers that libraries keep must not hold up the end.
  Deno.exit(0);
}
