import { AsyncLocalStorage } from "node:async_hooks";
import { OptionsCheck } from "../../src/check/check_options.ts";
import { activeSpan } from "../telemetry/open_telemetry.ts";

/** Ids come from headers, and those can be of any length. */
const MAX_LENGTH = 256;
/** What OpenTelemetry gives a span that is none. */
const NO_TRACE = /^0*$/;

/** Where the ids stand for all copies of this module: the CommonJS form and the ES modules can run in one process. */
const SHARED = Symbol.for("@switchgear/breaker/trace_ids");

const traceIds = sharedStorage();

function sharedStorage(): AsyncLocalStorage<string> {
  const known: unknown = Reflect.get(globalThis, SHARED);
  if (known instanceof AsyncLocalStorage) return known;
  const made = new AsyncLocalStorage<string>();
  Reflect.defineProperty(globalThis, SHARED, { value: made });
  return made;
}

/** The fields of a log line that say to which trace it belongs, as OpenTelemetry names them. */
export interface TraceFields {
  /** Which trace. */
  readonly trace_id: string;
  /** Which span of it; absent where the id is one of `withTraceId`. */
  readonly span_id?: string;
}

/**
 * Runs `fn` with a trace id for everything that it does, also later and in what
 * it awaits. For programs without OpenTelemetry: the id of an active span comes
 * before it.
 *
 * @example Usage
 * ```ts
 * import { traceFields, withTraceId } from "@switchgear/breaker/logs";
 * import assert from "node:assert/strict";
 *
 * await withTraceId("4bf92f35", async () => {
 *   await Promise.resolve();
 *   assert.deepEqual(traceFields(), { trace_id: "4bf92f35" });
 * });
 * assert.equal(traceFields(), undefined);
 * ```
 *
 * @typeParam T What `fn` returns.
 * @param id The id, say that of a request's header; cut after 256 characters, and an empty one is none.
 * @param fn What is run, at once.
 * @returns What `fn` returns.
 * @throws {TypeError} If `id` is no text.
 * @throws What `fn` throws.
 */
export function withTraceId<T>(id: string, fn: () => T): T {
  return traceIds.run(new OptionsCheck("set trace id").text("id", id).slice(0, MAX_LENGTH), fn);
}

/**
 * The trace that is going on here: that of OpenTelemetry's active span, else the
 * id of `withTraceId`; `undefined`: there is none.
 *
 * @example Usage
 * ```ts
 * import { traceFields, withTraceId } from "@switchgear/breaker/logs";
 * import assert from "node:assert/strict";
 *
 * assert.equal(withTraceId("req-7", traceFields)?.trace_id, "req-7");
 * assert.equal(traceFields(), undefined);
 * ```
 *
 * @returns Its fields, named as in OpenTelemetry's log formats.
 */
export function traceFields(): TraceFields | undefined {
  const span = activeSpan()?.spanContext();
  if (span !== undefined && !NO_TRACE.test(span.traceId)) {
    return { trace_id: span.traceId, span_id: span.spanId };
  }
  const id = traceIds.getStore();
  return id === undefined || id === "" ? undefined : { trace_id: id };
}
