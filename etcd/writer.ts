import { EtcdCallError, STATUS } from "./call_error.ts";
import type { EtcdKeyValue, TxnOperation, TxnResult } from "./messages.ts";
import type { EtcdSession } from "./session.ts";

/** How many other writers a `put` or a `delete` may lose to before it gives up. */
const MAX_RACES = 32;
/** How many later writes are looked through for our own. */
const MAX_LATER_WRITES = 100;

/** Runs `task` over a session with one host. */
export type WithSession = <T>(
  hostOffset: number,
  task: (session: EtcdSession) => Promise<T>,
) => Promise<T>;

/** A write of one key. */
export interface Write {
  readonly key: Uint8Array;
  /** At which revision the key must still be; 0: absent. */
  readonly expected: number;
  /** What to write; `undefined`: delete. */
  readonly value: Uint8Array | undefined;
}

/**
 * Writes keys. Each write is a transaction that is done only if the key is still at the
 * revision seen before, and that leaves a nonce at a key of its own, the write
 * mark. So it takes effect once at most however often it is sent, and when the answer was lost,
 * the mark's versions tell whether it did.
 */
export class EtcdWriter {
  readonly #mark: Uint8Array;
  readonly #withSession: WithSession;

  /** Creates a writer that leaves its nonces at the key `mark`. */
  constructor(mark: Uint8Array, withSession: WithSession) {
    this.#mark = mark;
    this.#withSession = withSession;
  }

  /** Writes `key` and returns its revision. */
  async put(key: Uint8Array, value: Uint8Array): Promise<number> {
    for (let races = 0; races < MAX_RACES; races++) {
      const expected = (await this.#find(key))?.modRevision ?? 0;
      const revision = await this.compareAndSet({ key, expected, value });
      if (revision !== undefined) return revision;
    }
    throw new Error(`others kept writing it first, ${MAX_RACES} times`);
  }

  /** Deletes `key`; `false` if it is not there. */
  async delete(key: Uint8Array): Promise<boolean> {
    for (let races = 0; races < MAX_RACES; races++) {
      const found = await this.#find(key);
      if (found === undefined) return false;
      const expected = found.modRevision;
      const revision = await this.compareAndSet({ key, expected, value: undefined });
      if (revision !== undefined) return true;
    }
    throw new Error(`others kept writing it first, ${MAX_RACES} times`);
  }

  /** Writes a key if it is at the expected revision, and returns the new one; else `undefined`. */
  async compareAndSet(write: Write): Promise<number | undefined> {
    const nonce = crypto.randomUUID();
    const attempt = (hostOffset: number): Promise<number | undefined> =>
      this.#withSession(hostOffset, async (session) => {
        const result = await this.#send(session, write, nonce);
        if (result.succeeded) return result.header.revision;
        // What sits between may have sent it twice, as fetch does on a connection that is reset.
        return await this.#findNonce(session, nonce, write.expected);
      });
    try {
      return await attempt(0);
    } catch (error) {
      if (!mayHaveBeenLost(error)) throw error;
    }
    try {
      // The comparison makes this safe: of the two at most one is done.
      return await attempt(1);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`no answer, it may have been done or not: ${why}`, { cause });
    }
  }

  /** What stands at `key`, asked of another host if the first does not answer. */
  async #find(key: Uint8Array): Promise<EtcdKeyValue | undefined> {
    const find = (hostOffset: number): Promise<EtcdKeyValue | undefined> =>
      this.#withSession(hostOffset, async (session) => (await session.range({ key })).kvs[0]);
    try {
      return await find(0);
    } catch (error) {
      if (!mayHaveBeenLost(error)) throw error;
      return await find(1);
    }
  }

  async #send(session: EtcdSession, write: Write, nonce: string): Promise<TxnResult> {
    const { key, expected, value } = write;
    const change: TxnOperation = value === undefined
      ? { kind: "delete", key }
      : { kind: "put", key, value };
    const mark: TxnOperation = {
      kind: "put",
      key: this.#mark,
      value: new TextEncoder().encode(nonce),
    };
    return await session.txn({ key, modRevision: expected, success: [change, mark], failure: [] });
  }

  /** The revision with which our write was done; `undefined`: it never was, and never will be. */
  async #findNonce(
    session: EtcdSession,
    nonce: string,
    expected: number,
  ): Promise<number | undefined> {
    const key = this.#mark;
    try {
      let [mark] = (await session.range({ key })).kvs;
      for (let looked = 0; looked < MAX_LATER_WRITES; looked++) {
        if (mark === undefined || mark.modRevision <= expected) return undefined;
        if (new TextDecoder().decode(mark.value) === nonce) return mark.modRevision;
        [mark] = (await session.range({ key, revision: mark.modRevision - 1 })).kvs;
      }
    } catch (error) {
      if (!(error instanceof EtcdCallError) || error.status !== STATUS.outOfRange) throw error;
    }
    throw new Error(
      "it may have been done or not: too much was written or compacted since to tell",
    );
  }
}

/** Whether a call may have been done although it failed, or was never sent. */
function mayHaveBeenLost(error: unknown): boolean {
  if (!(error instanceof EtcdCallError)) return false;
  return !error.isRefusal || error.status === STATUS.unauthenticated;
}
