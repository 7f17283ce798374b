import { Emitter } from "../../emitter.ts";
import type { BreakerEvents, BreakerListener } from "./events.ts";

/** The listeners of one breaker, or of all breakers of a provider. */
export class BreakerEmitter extends Emitter<BreakerEvents> {
  /** Whether anybody listens for `reject`: known at once, because an outage asks for every call. */
  hearsRejections = false;

  /** Starts without listeners. */
  constructor() {
    super({
      stateChange: new Set(),
      reject: new Set(),
      wouldOpen: new Set(),
      staleResult: new Set(),
      overdueProbe: new Set(),
      hold: new Set(),
      release: new Set(),
      policyChange: new Set(),
    });
  }

  override on<K extends keyof BreakerEvents>(type: K, listener: BreakerListener<K>): () => void {
    const remove = super.on(type, listener);
    this.hearsRejections = this.hears("reject");
    return () => {
      remove();
      this.hearsRejections = this.hears("reject");
    };
  }
}
