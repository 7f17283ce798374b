import { LinkedAbort } from "../src/call/linked_abort.ts";
import type { EtcdHost } from "./host.ts";
import type { EtcdSettings } from "./options.ts";
import { type EtcdSession, openSession } from "./session.ts";

/** What is done over a session, until `signal` is aborted. */
export type SessionTask<T> = (session: EtcdSession, signal: AbortSignal) => Promise<T>;

/** Where {@linkcode EtcdMembers.withSession} opens its session. */
export interface MemberOptions {
  readonly host: EtcdHost;
  /** Ends the session. */
  readonly signal: AbortSignal | undefined;
}

/** The members of a cluster, one of which is talked to until it is left for the next. */
export class EtcdMembers {
  readonly #settings: EtcdSettings;
  #host = 0;

  /** Starts with the first. */
  constructor(settings: EtcdSettings) {
    this.#settings = settings;
  }

  /** The member in use, or the one that comes so many after it. */
  at(offset: number): EtcdHost {
    const { hosts } = this.#settings;
    const host = hosts[(this.#host + offset) % hosts.length];
    if (host === undefined) throw new RangeError("no hosts");
    return host;
  }

  /** Turns to the next host, unless somebody else has done so. */
  leave(host: EtcdHost): void {
    if (this.at(0) === host) this.#host = (this.#host + 1) % this.#settings.hosts.length;
  }

  /** Runs `task` over a session of its own; where the host is out of reach, once more with the next. */
  async request<T>(signal: AbortSignal | undefined, task: SessionTask<T>): Promise<T> {
    const run = (host: EtcdHost): Promise<T> => this.withSession({ host, signal }, task);
    const host = this.at(0);
    if (this.#settings.hosts.length === 1) return await run(host);
    return await run(host).catch((error) => {
      if (signal?.aborted) throw error;
      this.leave(host);
      return run(this.at(0));
    });
  }

  /** Runs `task` over a session of its own with one host. */
  async withSession<T>({ host, signal }: MemberOptions, task: SessionTask<T>): Promise<T> {
    const link = new LinkedAbort(signal);
    try {
      await using session = await openSession({
        settings: this.#settings,
        host,
        signal: link.signal,
      });
      return await task(session, link.signal);
    } finally {
      link.unlink();
    }
  }
}
