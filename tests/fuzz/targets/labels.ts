import assert from "node:assert/strict";
import { memoryBackend } from "../../../backends/memory.ts";
import { health } from "../../../integrations/http_server/mod.ts";
import { createPrometheus } from "../../../integrations/prometheus/mod.ts";
import { labelOf } from "../../../integrations/telemetry/label.ts";
import { createProvider } from "../../../mod.ts";
import { ManualClock } from "../../../src/testing/mod.ts";
import { KeptLog } from "../../support/kept_log.ts";
import { mutated } from "../mutate.ts";
import { NASTY_NAMES } from "../nasty.ts";
import type { FuzzTarget } from "../target.ts";

const CONFIG = { serviceName: "fuzzed", policiesPath: "/p/", defaultPolicy: {} };
/** One line of the text format: a comment, or a name, labels with escaped values, and a number. */
const LINE =
  /^(?:# (?:HELP|TYPE|UNIT) .*|# EOF|[a-z_]+(?:\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? [-+.\deE]+)$/;

/** Names of breakers in metrics and on the health page: whole lines, well-formed, bounded, no secret. */
export const LABELS: FuzzTarget = {
  name: "labels of metrics",
  short: 300,
  input: (draws) =>
    mutated(draws, draws.pick([...NASTY_NAMES, "x\\", '"} 1\nfaked 2', "a".repeat(5_000)])),
  check: async (name) => {
    const label = labelOf(name);
    assert(label.length <= 200 && label.isWellFormed());
    const clock = new ManualClock();
    const backend = memoryBackend();
    const logger = new KeptLog();
    await using provider = await createProvider(CONFIG, { backend, logger, clock });
    using prometheus = createPrometheus(provider);
    provider.getBreaker(name).tryAcquire()?.failure();
    provider.getBreaker(name).override("forced-open");
    for (const format of ["text", "openmetrics"] as const) {
      const text = prometheus.text(format);
      assert(text.isWellFormed() && text.endsWith("\n") && text.length < 40_000);
      for (const line of text.slice(0, -1).split("\n")) assert.match(line, LINE);
      const labels = new Set([...text.matchAll(/breaker="((?:[^"\\]|\\.)*)"/g)].map(([, l]) => l));
      assert.deepEqual([...labels].map(unescaped), [label]);
    }
    const page = health(provider, { clock });
    const response = await page(new Request("http://localhost/health"), () => new Response());
    const text = await response.text();
    assert(text.length < 2_000 && JSON.parse(text).breakers.length === 1);
    const isSecret = name.split("hunter2").length === 2 && /:\/\/\w+:hunter2@/.test(name);
    if (isSecret && name.length < 150) {
      assert(!label.includes("hunter2"), "a password is shown");
      assert(!logger.lines.some((line) => line.includes("hunter2")), "a password is logged");
    }
  },
};

function unescaped(label: string | undefined): string {
  return (label ?? "").replaceAll(/\\(.)/g, (_, escaped) => escaped === "n" ? "\n" : escaped);
}
