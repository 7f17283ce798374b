import type { LastKnownGoodStore } from "../../mod.ts";

/** A store in memory. */
export class MemoryStore implements LastKnownGoodStore {
  saves = 0;
  text: string | undefined;
  failure: Error | undefined;
  constructor(text?: string) {
    this.text = text;
  }
  load(): Promise<string | undefined> {
    return this.failure === undefined ? Promise.resolve(this.text) : Promise.reject(this.failure);
  }
  save(text: string): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.saves++;
    this.text = text;
    return Promise.resolve();
  }
}
