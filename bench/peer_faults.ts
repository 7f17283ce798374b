/**
 * What the peers and this package do with late, hung and throwing calls, seen by
 * running them: `deno run -A bench/peer_faults.ts` prints the cases of docs/peers.md.
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
prints what came of it, as Markdown. Takes about 20 seconds.

Exit status: 0 printed; 1 a library could not be set up; 2 wrong usage.`;

/** A fault as a heading, and under it what came of it with each library. */
async function section(fault: Fault): Promise<string> {
  Deno.stderr.writeSync(new TextEncoder().encode(`${fault.name} …\n`));
  const items = FAULT_CONTENDERS.map(async (it) => `- ${it.name}: ${await outcome(fault, it)}`);
  return [`### ${fault.name}\n`, ...await Promise.all(items)].join("\n");
}

async function outcome(fault: Fault, contender: FaultContender): Promise<string> {
  try {
    return await fault.run(contender);
  } catch (error) {
    console.error(`${contender.name}: ${error}`);
    Deno.exit(1);
  }
}

const [flag] = Deno.args;
if (flag === "--help") {
  console.log(USAGE);
} else if (flag !== undefined) {
  console.error(`Unexpected argument ${JSON.stringify(flag)}\n\n${USAGE}`);
  Deno.exit(2);
} else {
  const sections: string[] = [];
  for (const fault of FAULTS) sections.push(await section(fault));
  console.log(sections.join("\n\n"));
  // Calls that hang and timers that libraries keep must not hold up the end.
  Deno.exit(0);
}
