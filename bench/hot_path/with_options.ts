import { MeterProvider } from "npm:@opentelemetry/sdk-metrics@2.2.0";
import { memoryBackend } from "../../backends/memory.ts";
import { createTelemetry } from "../../integrations/otel/mod.ts";
import {
  type CallOptions,
  createBreaker,
  createProvider,
  getDefaultConfig,
  systemClock,
} from "../../mod.ts";
import type { AsyncGroup } from "../in_turn.ts";
import { keep, nextWork } from "../work.ts";
import { SLOW } from "./closed.ts";

/** `do` on closed breakers with one more thing asked of each. */
export async function withOptionsGroup(): Promise<AsyncGroup> {
  const exact = createBreaker("exact", SLOW, { clock: systemClock });
  const classified = createBreaker("classified", {}, {
    isIgnored: (error) => error === undefined,
    isFailure: (error) => error !== undefined,
    isResultFailure: (value: number) => value < 0,
  });
  const heard = createBreaker("heard");
  heard.on("stateChange", () => keep(1));
  heard.on("reject", () => keep(1));
  const limited = createBreaker("limited", { timeout: "10s" });
  const provider = await createProvider(getDefaultConfig("bench", "production"), {
    backend: memoryBackend(),
  });
  createTelemetry(provider, { meterProvider: new MeterProvider() });
  const watched = provider.getBreaker("watched");
  const { signal } = new AbortController();
  const fallback = (): number => 0;
  const doWith = (options: CallOptions<number>): () => Promise<number> => {
    const breaker = createBreaker("with options");
    return () => breaker.do(nextWork(), options);
  };
  return {
    kind: "async",
    name: "do, closed, with options",
    baseline: "bare call",
    ways: {
      "bare call": () => nextWork()(),
      "exact clock, slow calls": () => exact.do(nextWork()),
      "classification": () => classified.do(nextWork()),
      "event listeners": () => heard.do(nextWork()),
      "timeout": () => limited.do(nextWork()),
      "OpenTelemetry attached": () => watched.do(nextWork()),
      "caller's signal": doWith({ signal }),
      "fallback": doWith({ fallback }),
      "timeout, signal and fallback": doWith({ fallback, signal, timeout: "10s" }),
    },
  };
}
