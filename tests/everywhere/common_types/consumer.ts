/** A program that is compiled to CommonJS and uses every entry point; only its types are checked. */
import { type Breaker, BreakerOpenError, createBreaker, type Policy } from "@switchgear/breaker";
import { processIo } from "@switchgear/breaker/cli";
import { breakerInterceptor as forConnect } from "@switchgear/breaker/connect";
import { envBackend } from "@switchgear/breaker/env";
import { etcdBackend } from "@switchgear/breaker/etcd";
import { protectFetch } from "@switchgear/breaker/fetch";
import { fileBackend } from "@switchgear/breaker/file";
import { breakerInterceptor as forGrpc } from "@switchgear/breaker/grpc";
import { guard } from "@switchgear/breaker/guard";
import { health } from "@switchgear/breaker/http_server";
import { withTrace } from "@switchgear/breaker/logs";
import { memoryBackend } from "@switchgear/breaker/memory";
import { createTelemetry } from "@switchgear/breaker/otel";
import { createPrometheus } from "@switchgear/breaker/prometheus";
import { createRedisRateLimiter } from "@switchgear/breaker/redis";
import { ManualClock } from "@switchgear/breaker/testing";

const policy: Policy = { failureThreshold: 5 };
const breaker: Breaker = createBreaker("users", policy, { clock: new ManualClock() });

export async function find(): Promise<string> {
  try {
    return await breaker.do(() => Promise.resolve("Ada"));
  } catch (error) {
    if (!(error instanceof BreakerOpenError)) throw error;
    const { retryAfterMs, reason } = error;
    return `${reason}: ${retryAfterMs?.toFixed() ?? "never"}`;
  }
}

type Entry = (...args: never[]) => unknown;

/** One of each entry point. */
export const used: readonly Entry[] = [
  processIo,
  forConnect,
  envBackend,
  etcdBackend,
  protectFetch,
  fileBackend,
  forGrpc,
  guard,
  health,
  withTrace,
  memoryBackend,
  createTelemetry,
  createPrometheus,
  createRedisRateLimiter,
];
