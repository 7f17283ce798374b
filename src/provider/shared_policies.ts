import { type PolicyStep, PolicyVersion } from "../breaker/state/policy_line.ts";
import { DEFAULT_NAME, type NameGroups } from "../policy/name_group.ts";
import type { Policy } from "../policy/policy.ts";
import type { Nanos } from "../time/timeline.ts";
import type { DocumentStore } from "./document_store.ts";

/** A change of what breakers share. */
export interface SharedChange {
  /** The documents as they are now. */
  readonly store: DocumentStore;
  /** Names whose policy is another now. */
  readonly names: ReadonlySet<string>;
  /** When. */
  readonly since: Nanos;
}

/** Policies at one moment. */
interface SharedState {
  /** What holds where no document says otherwise. */
  readonly environment: Policy;
  /** The default policy. */
  readonly fallback: PolicyVersion;
  /** The groups, which change their identity where one comes or goes. */
  readonly groups: NameGroups;
  /** The policy of each group by name, merged with the default. */
  readonly versions: ReadonlyMap<string, PolicyVersion>;
  readonly since: Nanos;
}

/**
 * The policies that breakers share, at one moment: the default and those of the
 * groups (R28). Each is the newest version of a line along which breakers catch
 * up by themselves, so an edit costs the same however many breakers there are,
 * and who follows another line sees nothing of it. Only where a group comes or
 * goes, each breaker asks by its name which line is its own.
 */
export class SharedPolicies implements PolicyStep {
  readonly #state: SharedState;

  private constructor(state: SharedState) {
    this.#state = state;
  }

  /** What holds before anything was read into `store`. */
  static of(environment: Policy, store: DocumentStore, since: Nanos): SharedPolicies {
    const fallback = new PolicyVersion([environment], since);
    const versions = new Map<string, PolicyVersion>();
    return new SharedPolicies({ environment, fallback, groups: store.groups(), versions, since });
  }

  /** When it came into force. */
  get since(): Nanos {
    return this.#state.since;
  }

  /** The default policy. */
  get fallback(): PolicyVersion {
    return this.#state.fallback;
  }

  /** The version that the breaker of a name follows: that of its group, or else the default. */
  versionFor(breaker: string): PolicyVersion {
    const { groups, versions, fallback } = this.#state;
    const group = groups.find(breaker);
    return group && versions.get(group.name) || fallback;
  }

  /** What it becomes by a change. Nobody follows that before {@linkcode lead}. */
  after({ store, names, since }: SharedChange): SharedPolicies {
    const { environment, versions: old, ...before } = this.#state;
    const groups = store.groups();
    const kept = (version: PolicyVersion): PolicyVersion =>
      groups === before.groups ? version : version.again(since);
    const made = (...documents: readonly (Policy | undefined)[]): PolicyVersion =>
      new PolicyVersion([environment, ...documents.filter((each) => each !== undefined)], since);

    const standard = store.policy(DEFAULT_NAME);
    const hasNewDefault = names.has(DEFAULT_NAME);
    const fallback = hasNewDefault ? made(standard) : kept(before.fallback);
    const versions = new Map<string, PolicyVersion>();
    for (const { name } of groups.all) {
      const version = hasNewDefault || names.has(name) ? undefined : old.get(name);
      versions.set(name, version ? kept(version) : made(standard, store.policy(name)));
    }
    return new SharedPolicies({ environment, fallback, groups, versions, since });
  }

  /** Leads those who follow this on to `next`. */
  lead(next: SharedPolicies): void {
    const { fallback, groups, versions } = this.#state;
    const asksAnew = groups !== next.#state.groups;
    const lead = (version: PolicyVersion, to: PolicyVersion | undefined): void => {
      if (version !== to) version.next = asksAnew ? next : to;
    };
    lead(fallback, next.fallback);
    for (const [name, version] of versions) lead(version, next.#state.versions.get(name));
  }
}
