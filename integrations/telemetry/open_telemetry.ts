import type { TelemetryMeterProvider } from "./meter.ts";

/**
 * Where every version 1.x of `@opentelemetry/api` keeps what a program has
 * registered, and Deno what it brings itself. Read here without the package:
 * whichever version this one asked for, an SDK's peer dependency would be held
 * to it, and the API hands a library that is newer than the program's SDK
 * nothing but no-ops.
 */
const API = Symbol.for("opentelemetry.js.api.1");
/** The key of the active span in a context, the same in all these versions. */
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

/** A span as far as it is used here. */
export interface ActiveSpan {
  /** Which span of which trace it is, in hexadecimal digits. */
  spanContext(): { readonly traceId: string; readonly spanId: string };
  /** Whether what is added to it goes anywhere. */
  isRecording(): boolean;
  /** Adds an event. */
  addEvent(name: string, attributes: Record<string, string | number>): unknown;
}

interface ContextManager {
  active(): { getValue(key: symbol): unknown };
}

/** The meter provider that is registered; `undefined`: none is, and nothing is measured. */
export function registeredMeterProvider(): TelemetryMeterProvider | undefined {
  const provider = registered("metrics");
  return has<TelemetryMeterProvider>(provider, "getMeter") ? provider : undefined;
}

/** The span that is active here and now. */
export function activeSpan(): ActiveSpan | undefined {
  const manager = registered("context");
  if (!has<ContextManager>(manager, "active")) return undefined;
  const span = manager.active().getValue(SPAN);
  return has<ActiveSpan>(span, "spanContext") ? span : undefined;
}

function registered(what: "metrics" | "context"): unknown {
  const api: unknown = Reflect.get(globalThis, API);
  return typeof api === "object" && api !== null ? Reflect.get(api, what) : undefined;
}

/** Whether a value has a method, and so is what OpenTelemetry says that it is; Deno's are classes with static methods. */
function has<T extends object>(value: unknown, method: keyof T & string): value is T {
  const isThere = typeof value === "function" || (typeof value === "object" && value !== null);
  return isThere && typeof Reflect.get(value, method) === "function";
}
