import type { Order, ScopeReport } from "./protocol.ts";

/** What a crew of workers is to do. */
export interface CrewPlan {
  /** What is to be done, the first first; an order is made when a worker is free for it. */
  readonly orders: readonly (() => Order)[];
  /** Workers at most. */
  readonly workers: number;
  /** Is told how far each scope has come. */
  readonly tell: (report: ScopeReport) => void;
  /** Ends the work; of each scope that was begun the last report then counts. @default nothing does */
  readonly signal?: AbortSignal;
}

/** Has orders carried out by workers, one order each at a time, and gives the last report on each. */
export async function runCrew(plan: CrewPlan): Promise<ScopeReport[]> {
  const { orders, workers, signal } = plan;
  const left = [...orders];
  const reports: ScopeReport[] = [];
  const work = async (): Promise<void> => {
    using hand = new Hand();
    for (let order = left.shift(); order !== undefined; order = left.shift()) {
      const report = await hand.carryOut(order(), plan);
      if (report !== undefined) reports.push(report);
      if (signal?.aborted) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, orders.length) }, work));
  return reports;
}

/** One worker of a crew. */
class Hand implements Disposable {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

  /** Has one order carried out, and gives the last report; `undefined`: it was ended before the first. */
  carryOut(
    order: Order,
    { tell, signal }: Pick<CrewPlan, "tell" | "signal">,
  ): Promise<ScopeReport | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<ScopeReport | undefined>();
    let last: ScopeReport | undefined;
    signal?.addEventListener("abort", () => resolve(last), { once: true });
    this.#worker.onmessage = ({ data }: MessageEvent<ScopeReport>) => {
      last = data;
      tell(data);
      if (data.done) resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot explore "${order.scope}": ${event.message}`));
    };
    this.#worker.postMessage(order);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
