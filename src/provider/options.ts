import type { BreakerSettings } from "../breaker/host/settings.ts";
import type { Duration } from "../time/duration.ts";
import type { ConfigBackend } from "./backend.ts";
import type { LastKnownGoodStore } from "./last_known_good.ts";

/** What a provider takes besides its config. */
export interface ProviderOptions extends BreakerSettings {
  /** Where the policies are. */
  backend: ConfigBackend;
  /** Closes the provider when aborted; before it has started, `createProvider` rejects with the signal's reason. */
  signal?: AbortSignal | null | undefined;
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
   * Breakers held. A new name beyond that takes the place of a breaker that is
   * closed and not in use: one without failures first, the least recently used
   * of them. Where all are open, overridden, held, listened to or have calls in
   * flight, up to twice as many are held, and `getBreaker` throws beyond that.
   *
   * @default 100000
   */
  maxBreakers?: number | undefined;
}
