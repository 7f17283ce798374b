import type { BreakerSettings } from "../breaker/host/settings.ts";
import type { Duration } from "../time/duration.ts";
import type { ConfigBackend } from "./backend.ts";
import type { LastKnownGoodStore } from "./last_known_good.ts";

/** What a provider takes besides its config. */
export interface ProviderOptions extends BreakerSettings {
  /** Where the policies are. */
  backend: ConfigBackend;
  /** Closes the provider when aborted; before it has started, `createProvider` rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How long the first load may take. @default "5s" */
  loadTimeout?: Duration | undefined;
  /**
   * What to do when the backend cannot be read at start and there is no last
   * known good state: reject, or start on defaults and keep trying.
   *
   * @default "reject"
   */
  onLoadFailure?: "reject" | "use-defaults" | undefined;
  /** Keeps every good state, and starts with it when the backend is down. @default none */
  lastKnownGood?: LastKnownGoodStore | undefined;
  /**
   * Breakers held at most. A new name beyond that takes the place of an idle
   * breaker (closed, nothing in flight, empty window); if there is none, its
   * breaker lives for as long as its holder holds it.
   *
   * @default 100000
   */
  maxBreakers?: number | undefined;
}
