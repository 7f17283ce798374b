import * as Effect from "npm:effect@4.1.0/Effect";
import * as Layer from "npm:effect@4.1.0/Layer";
import * as ManagedRuntime from "npm:effect@4.1.0/ManagedRuntime";
import * as Stream from "npm:effect@4.1.0/Stream";
import * as CircuitBreaker from "npm:effect@4.1.0/persistence/CircuitBreaker";
import type { Operation, Subject, SubjectSettings } from "./subject.ts";

/** Creates a breaker of effect, its time limit inside of it, as its documentation says. */
export async function effectSubject(
  { openForMs, timeLimitMs, failures = 2 }: SubjectSettings,
): Promise<Subject> {
  const tripPolicy = CircuitBreaker.consecutive(failures);
  const runtime = ManagedRuntime.make(
    CircuitBreaker.layer({ tripPolicy, openDuration: openForMs }).pipe(
      Layer.provide(CircuitBreaker.layerStoreMemory()),
    ),
  );
  const breaker = await runtime.runPromise(CircuitBreaker.CircuitBreaker);
  const effectOf = (operation: Operation): Effect.Effect<string, unknown> => {
    const effect = Effect.tryPromise({ try: operation, catch: (error) => error });
    return timeLimitMs === undefined ? effect : Effect.timeout(effect, timeLimitMs);
  };
  return {
    call: (operation) => runtime.runPromise(breaker.execute(effectOf(operation), { key: "b" })),
    onOpen: (listener) => {
      runtime.runFork(Stream.runForEach(
        breaker.transitions,
        ({ to }) => Effect.sync(() => to === "Open" && listener()),
      ));
    },
    [Symbol.dispose]: () => void runtime.dispose(),
  };
}
