import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileBackend } from "../../backends/file/mod.ts";
import { createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { BreakerDriver } from "./breaker_driver.ts";
import { BreakerFleet } from "./breaker_fleet.ts";
import { BreakerSlot } from "./breaker_slot.ts";
import { Chance } from "./chance.ts";
import { cachePattern, resilientPattern } from "./composed_patterns.ts";
import { EditedFolder } from "./edited_folder.ts";
import { FaultServer } from "./fault_server.ts";
import { FETCH_NAMES, FetchDriver } from "./fetch_driver.ts";
import { bucketPattern, bulkheadPattern, poolPattern } from "./limiting_patterns.ts";
import { LiveCounts } from "./live_counts.ts";
import { openDescriptors } from "./memory_watch.ts";
import type { PatternParts } from "./pattern.ts";
import { PatternDriver } from "./pattern_driver.ts";
import { firstDocuments, PolicyEditor } from "./policy_editor.ts";
import { PROFILES } from "./policy_profiles.ts";
import { after, until } from "./real_timers.ts";
import { hedgePattern, retryPattern, timeoutPattern } from "./repeating_patterns.ts";
import { REQUIRED_EVENTS } from "./required_events.ts";
import type { SoakContext } from "./soak_context.ts";
import type { SoakOptions } from "./soak_options.ts";
import { progressLine, reportLines } from "./soak_report.ts";
import { Supervision } from "./supervision.ts";

/** Who drives the breakers, each its share. */
const DRIVERS = 16;
const PROGRESS_MS = 10_000;
/** A soak shorter than this need not have met everything. */
const MEANINGFUL_MS = 60_000;
/** How long the calls in flight may take to settle at the end; each has a limit far below. */
const DRAIN_MS = 20_000;
/** How long timers, listeners and connections may take to go once all is closed. */
const CLOSING_MS = 2_000;
/** Descriptors that may be more at the end than at the start: what the runtime itself opens on first use. */
const DESCRIPTORS_LEFT = 8;

const SPARE_BREAKERS = 50;

const PATTERNS = [
  retryPattern,
  timeoutPattern,
  bulkheadPattern,
  poolPattern,
  bucketPattern,
  hedgePattern,
  cachePattern,
  resilientPattern,
] as const;

/** Runs a soak to its end and returns the lines of its report; what is wrong is in `context`. */
export async function runSoak(
  context: SoakContext,
  options: SoakOptions,
  print: (line: string) => void,
): Promise<string[]> {
  const descriptors = openDescriptors();
  using live = new LiveCounts();
  const path = await mkdtemp(join(tmpdir(), "switchgear-soak-"));
  try {
    const lines = await soakIn(path, { context, options, live, print });
    const left = openDescriptors() - descriptors;
    if (left > DESCRIPTORS_LEFT) {
      context.violations.add("nothing is left at the end", `${left} file descriptors`);
    }
    return lines;
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

interface Soak {
  readonly context: SoakContext;
  readonly options: SoakOptions;
  readonly live: LiveCounts;
  readonly print: (line: string) => void;
}

async function soakIn(path: string, soak: Soak): Promise<string[]> {
  const { context, options, live, print } = soak;
  const chance = new Chance(options.seed);
  const folder = new EditedFolder(path);
  for (const [file, document] of Object.entries(firstDocuments())) {
    await folder.save(file, JSON.stringify(document), "renaming");
  }
  const server = await FaultServer.start();
  const client = Deno.createHttpClient({});
  // Fewer than are used: idle ones make place for those that come once.
  const maxBreakers = Math.ceil(options.breakers / 2) + SPARE_BREAKERS;
  const provider = await createProvider(getDefaultConfig("soak", "development"), {
    backend: fileBackend(path),
    logger: context.logger,
    maxBreakers,
  });
  using fleet = new BreakerFleet(context, { provider, maxBreakers });
  fleet.addMany(Math.ceil(options.breakers / 2), chance.fork());
  const supervision = new Supervision(context, { fleet, live, forMs: options.forMs });
  const editors = (["own", "collection", "default"] as const).map((document) =>
    new PolicyEditor(document, context, { folder, provider, fleet, chance: chance.fork() })
  );
  const patterns = patternDrivers(context, fleet, chance);
  const breakers = Array.from({ length: DRIVERS }, (_, i) => {
    const slots = [
      ...fleet.slots.filter((_, at) => at % DRIVERS === i),
      // One of those whose own document is edited, for some of the drivers.
      ...editors.flatMap(({ tracked }, at) =>
        tracked !== undefined && at === i ? [BreakerSlot.provided(context, tracked)] : []
      ),
    ];
    return new BreakerDriver(context, fleet, { slots, chance: chance.fork() });
  });
  const fetches = FETCH_NAMES.map((name) =>
    new FetchDriver(context, { name, provider, fleet, server, client, chance: chance.fork() })
  );
  await fleet.warmUp();
  const startedAt = performance.now();
  const running = Promise.all([
    supervision.run(),
    ...[...editors, ...patterns, ...breakers, ...fetches].map((driver) => driver.run()),
  ]);
  await untilOver(context, options.forMs, () => {
    print(progressLine(context, supervision, performance.now() - startedAt));
  });
  const ranMs = performance.now() - startedAt;
  context.end();
  await running;
  await drain(context, fleet);
  for (const pattern of patterns) await pattern.close();
  await provider.close();
  client.close();
  for (const [fault, count] of Object.entries(await server.close())) {
    context.tally.add(`server:${fault}`, count);
  }
  checkProvider(context, provider);
  await checkNothingLeft(context, live);
  context.violations.addAll("memory stays flat", supervision.memory.faults());
  if (ranMs >= MEANINGFUL_MS) checkMeaning(context, supervision);
  return reportLines(context, supervision, editors);
}

function patternDrivers(
  context: SoakContext,
  fleet: BreakerFleet,
  chance: Chance,
): PatternDriver[] {
  const [policy] = PROFILES;
  return PATTERNS.map((create) => {
    const parts: PatternParts = {
      context,
      chance: chance.fork(),
      breaker: (name) => {
        const slot = BreakerSlot.standalone(context, name, { policy });
        fleet.slots.push(slot);
        return slot.tracked;
      },
    };
    return new PatternDriver(context, create(parts), parts.chance.fork());
  });
}

async function untilOver(context: SoakContext, forMs: number, onPause: () => void): Promise<void> {
  const endsAt = performance.now() + forMs;
  let printAt = performance.now() + PROGRESS_MS;
  while (!context.isOver && performance.now() < endsAt) {
    await after(Math.min(100, endsAt - performance.now()));
    if (performance.now() < printAt) continue;
    onPause();
    printAt += PROGRESS_MS;
  }
}

/** Waits for the calls in flight, and looks at every breaker once more. */
async function drain(context: SoakContext, fleet: BreakerFleet): Promise<void> {
  const { ledger, violations } = context;
  const isQuiet = (): boolean =>
    ledger.outstanding === 0 && [...fleet.all()].every(({ pending }) => pending === 0);
  if (!await until(isQuiet, DRAIN_MS)) {
    ledger.reportOverdue(0);
    for (const { breaker, pending } of fleet.all()) {
      if (pending === 0) continue;
      const seen = `${pending} calls through "${breaker.name}" at the end`;
      violations.add("every call settles once, in time", seen);
    }
  }
  for (const _ of fleet.checks());
  const { slow } = fleet.totals();
  context.tally.add("outcome:slow", slow);
}

function checkProvider({ violations }: SoakContext, provider: Provider): void {
  const { state } = provider.configStatus().backend;
  if (state !== "closed") violations.add("a closed provider says so", `its feed is ${state}`);
}

async function checkNothingLeft({ violations }: SoakContext, live: LiveCounts): Promise<void> {
  if (await until(() => live.timers === 0 && live.listeners === 0, CLOSING_MS)) return;
  const seen = `${live.timers} timers, ${live.listeners} listeners`;
  violations.add("nothing is left at the end", seen);
}

function checkMeaning({ violations, tally }: SoakContext, { memory }: Supervision): void {
  for (const event of tally.missing(REQUIRED_EVENTS)) {
    violations.add("everything has happened, or the soak means nothing", `never: ${event}`);
  }
  if (!memory.suffices) {
    violations.add("everything has happened, or the soak means nothing", "too few memory samples");
  }
}
