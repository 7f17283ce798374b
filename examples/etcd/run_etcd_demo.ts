import { Callers } from "../../cli/demo/callers.ts";
import { policyChanges } from "../../cli/demo/happening.ts";
import { Recorder } from "../../cli/demo/recorder.ts";
import { DemoService } from "../../cli/demo/service.ts";
import { etcdBackend } from "../../backends/etcd/mod.ts";
import { createProvider, getDefaultConfig } from "../../mod.ts";
// The example is run from a clone, so that it may unpack and run etcd as the tests do.
import { EtcdServer } from "../../tests/servers/etcd.ts";
import { Narrator } from "./narrator.ts";
import { Operator } from "./operator.ts";
import { type Findings, Stage } from "./stage.ts";
import type { Timing } from "./timing.ts";

const BREAKER = "inventory";

/** How the demo is run. */
export interface EtcdDemoOptions {
  /** What to do for how long. */
  readonly timing: Timing;
  /** How the provider talks to etcd. */
  readonly transport: "grpc" | "gateway";
  /** Prints a line. */
  readonly write: (line: string) => void;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/**
 * Runs the demo on an etcd of its own. When it is over, or was aborted, nothing of it is left: no
 * process, no folder, no port, no timer.
 *
 * @returns What it has shown, or has not.
 * @throws An abort error or the signal's reason, if it was aborted.
 */
export async function runEtcdDemo(options: EtcdDemoOptions): Promise<Findings> {
  const { timing, transport, write, signal } = options;
  const { scenario } = timing;
  const config = getDefaultConfig("demo", "development");
  const prefix = config.policiesPath;
  const recorder = new Recorder();
  const narrator = new Narrator(recorder, write);
  await using etcd = await EtcdServer.start();
  signal.throwIfAborted();
  await etcd.admin.put(`${prefix}${BREAKER}.json`, JSON.stringify(scenario.policy));
  narrator.say(`etcd runs at ${etcd.endpoint} as process ${etcd.pid}`);
  await using guarded = await DemoService.start();
  await using bare = await DemoService.start();
  await using provider = await createProvider(config, {
    backend: etcdBackend({ hosts: etcd.endpoint, transport }),
    logger: narrator.logger,
    signal,
  });
  const breaker = provider.getBreaker(BREAKER);
  recorder.follow(breaker);
  breaker.on("policyChange", ({ policy, previous }) => {
    narrator.say(`  breaker: policy in force: ${policyChanges(previous, policy).join(", ")}`);
  });
  const services = { guarded, bare };
  await using callers = new Callers({ scenario, breaker, services, recorder, signal });
  const operator = new Operator({ endpoint: etcd.endpoint, prefix, narrator });
  return await new Stage({
    timing,
    etcd,
    provider,
    breaker,
    services: [guarded, bare],
    callers,
    operator,
    recorder,
    narrator,
    signal,
  }).play();
}
