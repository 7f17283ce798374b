import type { StateName } from "../breaker/events/state_name.ts";
import type { TripSnapshot } from "../breaker/snapshot/snapshot.ts";
import type { BreakerCounts } from "../breaker/window/counts.ts";
import type { Fault } from "../check/fault.ts";
import type { EffectivePolicy, Mode } from "../policy/policy.ts";
import type { FeedState } from "./feed.ts";

/** How the provider stands with its backend. */
export interface BackendStatus {
  /** Which backend, as it calls itself. */
  readonly description: string;
  /** `loading`: the backend has not been read yet; `fresh`: in force is what the backend holds; `stale`: it is out of reach and the last good state stays; `closed`. */
  readonly state: FeedState;
  /** Whether changes are followed; `false`: read once. */
  readonly watches: boolean;
  /** Of the newest state that was read. */
  readonly revision?: string;
  /** How long ago the newest update came, in milliseconds. */
  readonly updatedMsAgo?: number;
  /** How long the backend has been out of reach, in milliseconds; absent while it is not. */
  readonly unreachableForMs?: number;
  /** Why the last attempt failed; absent while the backend is in reach. */
  readonly lastError?: string;
  /** Times that a watch was begun. */
  readonly attempts: number;
  /** What the backend says of its state: a file skipped, polling in place of watching. */
  readonly notes: readonly string[];
}

/** How one document stands. */
export interface DocumentStatus {
  /** Where it stands in the backend. */
  readonly source: string;
  /** What it holds. */
  readonly kind: "policy" | "collection";
  /** The breaker's name (a `*` in it doubled), a group's such as `tenant-*`, `default` for the default policy, `breakers` for the collection. */
  readonly name: string;
  /** The layer of a layered backend, 0 first. */
  readonly layer: number;
  /** The version in force; `null`: none was ever good. */
  readonly inForce: {
    readonly revision: string;
    readonly from: "backend" | "last-known-good";
  } | null;
  /** The newer version that was refused, until it is mended; `null`: there is none. */
  readonly refused: { readonly revision: string; readonly faults: readonly Fault[] } | null;
  /** Combinations in what is in force, merged with what it inherits, that can never act. */
  readonly warnings: readonly string[];
}

/** How one breaker stands. */
export interface BreakerStatus {
  /** Its name. */
  readonly name: string;
  /** Its state. */
  readonly state: StateName;
  /** The mode in force. */
  readonly mode: Mode;
  /** How long it has been open or half-open, in milliseconds; absent while it is closed, and where the mode is `forced-open`. */
  readonly sinceMs?: number;
  /** Whole milliseconds until a call may be admitted, where that is known. */
  readonly retryAfterMs?: number;
  /** Whole milliseconds left of the hold in force, in whatever mode; absent: there is none. */
  readonly heldForMs?: number;
  /** What tripped it when it left closed, and how long ago; absent while it is closed. */
  readonly trip?: TripSnapshot;
  /** What it counts. */
  readonly counts: BreakerCounts;
  /** The policy in force. */
  readonly policy: EffectivePolicy;
  /** The documents that the policy comes from, the deciding one first: its own, its group's, the default's. Empty: the config's default. */
  readonly sources: readonly { readonly source: string; readonly revision: string }[];
  /** Combinations in the policy that can never act. */
  readonly warnings: readonly string[];
  /** The breaker's own document, if its newest version was refused; see there why. */
  readonly refused?: string;
}

/** What a provider knows of its policies and their backend. */
export interface ConfigStatus {
  /** The service that the breakers belong to. */
  readonly service: string;
  /** Where the policies in force come from: read from the backend, from the last known good state, or nothing but defaults. */
  readonly origin: "backend" | "last-known-good" | "defaults";
  /** The backend. */
  readonly backend: BackendStatus;
  /** Every document, valid or not. */
  readonly documents: readonly DocumentStatus[];
  /** Combinations in the default policy that can never act. */
  readonly warnings: readonly string[];
  /** Why the last known good state could not be loaded or saved; absent if it could. */
  readonly lastKnownGoodError?: string;
}

/** How the places for breakers are used. */
export interface PlacesStatus {
  /** The setting: so many breakers are held, and up to twice as many where all of them are in use. */
  readonly maxBreakers: number;
  /** Breakers held now. */
  readonly held: number;
  /** Breakers that gave way to a new name so far, and had no failures. */
  readonly evicted: number;
  /** Breakers that gave way although they had failures, because all that were left were worth more. */
  readonly evictedWithFailures: number;
  /** Times that a new name was refused, because twice `maxBreakers` were in use. */
  readonly refusedNames: number;
}

/** What a provider knows of itself. */
export interface ProviderStatus extends ConfigStatus {
  /** How the places for breakers are used. */
  readonly places: PlacesStatus;
  /** Every breaker that there is. */
  readonly breakers: readonly BreakerStatus[];
}
