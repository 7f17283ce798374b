import { fileBackend } from "../../backends/file/mod.ts";
import { getDefaultConfig } from "../../src/provider/config.ts";
import { createProvider } from "../../src/provider/create_provider.ts";
import { Callers } from "./callers.ts";
import { PolicyFolder } from "./policy_folder.ts";
import { Recorder } from "./recorder.ts";
import type { Scenario } from "./scenario.ts";
import { DemoService } from "./service.ts";
import { Stage } from "./stage.ts";
import type { DemoDisplay, DemoView } from "./view.ts";

/** The breaker's name. */
const BREAKER = "inventory";

/**
 * Runs a demo: two services that fail alike, and the same calls to each of them,
 * those to the one through a breaker. When it is over, or was aborted, nothing
 * of it is left: no folder, no port, no timer.
 *
 * @param scenario What to do.
 * @param display Shows it.
 * @param signal Ends it early.
 * @returns What there is to see at the end.
 * @throws An abort error or the signal's reason, if it was aborted.
 */
export async function runDemo(
  scenario: Scenario,
  display: DemoDisplay,
  signal: AbortSignal,
): Promise<DemoView> {
  signal.throwIfAborted();
  await using guarded = await DemoService.start();
  await using bare = await DemoService.start();
  await using folder = await PolicyFolder.create(BREAKER, scenario.policy);
  const recorder = new Recorder();
  await using provider = await createProvider(getDefaultConfig("demo", "development"), {
    backend: fileBackend(folder.path),
    logger: recorder.logger,
    signal,
  });
  const breaker = provider.getBreaker(BREAKER);
  const services = { guarded, bare };
  recorder.follow(breaker);
  await using callers = new Callers({ scenario, breaker, services, recorder, signal });
  const stage = new Stage({ scenario, breaker, services, recorder, callers, folder });
  callers.start();
  await stage.play(display, signal);
  return stage.view();
}
