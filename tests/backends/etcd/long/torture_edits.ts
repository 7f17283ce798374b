import assert from "node:assert/strict";
import type { EtcdAdmin } from "../../../servers/etcd_admin.ts";
import { PREFIX, untilDone } from "../subject.ts";

/** The failure threshold of a breaker without a document: the default policy's. */
const WITHOUT_DOCUMENT = 5;

/** Edits policies past every fault, and keeps account of what etcd has held. */
export class TortureEdits {
  readonly #admin: EtcdAdmin;
  /** The failure thresholds that etcd has meant, by breaker, oldest first. */
  readonly #meant: ReadonlyMap<string, number[]>;

  constructor(admin: EtcdAdmin, breakers: readonly string[]) {
    this.#admin = admin;
    this.#meant = new Map(breakers.map((name) => [name, [WITHOUT_DOCUMENT]]));
  }

  /** How many edits there were. */
  get count(): number {
    return this.#meant.values().reduce((sum, meant) => sum + meant.length - 1, 0);
  }

  /** Whether a breaker has a document. */
  has(name: string): boolean {
    return this.#of(name).at(-1) !== WITHOUT_DOCUMENT;
  }

  /** Gives a breaker a document with a failure threshold that it never had before. */
  async put(name: string, failureThreshold: number): Promise<void> {
    const text = JSON.stringify({ failureThreshold });
    await untilDone(() => this.#admin.put(`${PREFIX}${name}.json`, text));
    this.#of(name).push(failureThreshold);
  }

  /** Takes a breaker's document away. */
  async delete(name: string): Promise<void> {
    await untilDone(() => this.#admin.delete(`${PREFIX}${name}.json`));
    this.#of(name).push(WITHOUT_DOCUMENT);
  }

  /** Each document's key and revision in etcd, in order. */
  async documents(): Promise<string[]> {
    const entries = await untilDone(() => this.#admin.list(PREFIX));
    return entries.map(({ key, modRevision }) => `${key} ${modRevision}`).sort();
  }

  /**
   * Asserts that what a process obeyed is what etcd meant, in etcd's order and up to the newest:
   * an edit that is missing was superseded by one that is not. Returns how many edits it obeyed.
   */
  assertObeyed(obeyed: Readonly<Record<string, readonly number[]>>, who: string): number {
    let count = 0;
    for (const [name, meant] of this.#meant) {
      const versions = obeyed[name] ?? [];
      const message = `${who}, ${name}: obeyed ${versions}; etcd: ${meant}`;
      let next = 0;
      for (const version of versions) {
        next = meant.indexOf(version, next) + 1;
        assert.ok(next > 0, message);
      }
      assert.equal(versions.at(-1), meant.at(-1), message);
      count += versions.length - 1;
    }
    return count;
  }

  #of(name: string): number[] {
    const meant = this.#meant.get(name);
    if (meant === undefined) throw new RangeError(`There is no breaker ${name}`);
    return meant;
  }
}
