import type { Order, ScopeReport } from "./protocol.ts";

/** What a crew of workers is to do. */
export interface CrewPlan {
  /** What is to be done, the first first; an order is made when a worker is free for it. */
  readonly orders: readonly (() => Order)[];
  /** Workers at most. */
  readonly workers: number;
  /** Is told how far each scope has come. */
  readonly tell: (report: ScopeReport) => void;
}

/** Has orders carried out by workers, one order each at a time, and gives the last report on each. */
export async function runCrew({ orders, workers, tell }: CrewPlan): Promise<ScopeReport[]> {
  const left = [...orders];
  const reports: ScopeReport[] = [];
  const work = async (): Promise<void> => {
    using hand = new Hand();
    for (let order = left.shift(); order !== undefined; order = left.shift()) {
      reports.push(await hand.carryOut(order(), tell));
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, orders.length) }, work));
  return reports;
}

/** One worker of a crew. */
class Hand implements Disposable {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

  /** Has one order carried out. */
  carryOut(order: Order, tell: (report: ScopeReport) => void): Promise<ScopeReport> {
    const { promise, resolve, reject } = Promise.withResolvers<ScopeReport>();
    this.#worker.onmessage = ({ data }: MessageEvent<ScopeReport>) => {
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
