import { protectFetch, type ProtectFetchOptions } from "../../integrations/fetch/mod.ts";
import {
  BreakerOpenError,
  BreakerTimeoutError,
  createRetry,
  createRetryBudget,
  type Policy,
  type Provider,
} from "../../mod.ts";
import type { BreakerFleet } from "./breaker_fleet.ts";
import type { Chance } from "./chance.ts";
import type { FaultServer } from "./fault_server.ts";
import type { Judgement } from "./judged_call.ts";
import { Withdrawal } from "./planned_call.ts";
import { after, startTimer, stopTimer } from "./real_timers.ts";
import { BODY, SERVER_FAULTS, type ServerFault } from "./server_faults.ts";
import type { SoakContext } from "./soak_context.ts";
import type { TrackedBreaker } from "./tracked_breaker.ts";

/** The policy of the breakers around the requests; each request has a time limit. */
export const FETCH_POLICY: Policy = {
  timeout: "150ms",
  failureThreshold: 0,
  failureRateThreshold: 0.6,
  timeoutRateThreshold: 0.3,
  minimumCalls: 8,
  window: { kind: "count", size: 20 },
  openStateTimeout: "120ms",
  halfOpen: { maxProbes: 2, probeTimeout: "250ms" },
};

/** The names of the breakers around the requests: one has each way of calling. */
export const FETCH_NAMES = ["http headers", "http body", "http retry"] as const;

const POLICY_MS = 150;
/** With the headers the time limit ends; the body takes what the server takes, which shares the machine. */
const BODY_MS = 10_000;
const MOST_IN_FLIGHT = 16;
const PHASE = 30;
/** Watches and timers of a request with a body and a retry. */
const RESOURCES = 8;

type Doing = "read" | "cancel" | "abort";

interface FetchPlan {
  readonly fault: ServerFault;
  readonly doing: Doing;
  readonly abortMs: number;
}

/** Sends real requests to the server through protected fetches. */
export class FetchDriver {
  readonly #context: SoakContext;
  readonly #server: FaultServer;
  readonly #chance: Chance;
  /** Apart, because how often it is asked depends on the time that things take. */
  readonly #pace: Chance;
  readonly #fetch: typeof fetch;
  readonly #tracked: TrackedBreaker;
  readonly #endsWithBody: boolean;
  #inFlight = 0;
  #steps = 0;

  /** A driver of the breaker called `name`. */
  constructor(context: SoakContext, options: {
    readonly name: (typeof FETCH_NAMES)[number];
    readonly provider: Provider;
    readonly fleet: BreakerFleet;
    readonly server: FaultServer;
    readonly client: Deno.HttpClient;
    readonly chance: Chance;
  }) {
    const { name, provider, fleet, server, client, chance } = options;
    this.#context = context;
    this.#server = server;
    this.#chance = chance;
    this.#pace = chance.fork();
    this.#tracked = fleet.addProvided(name);
    this.#endsWithBody = name === "http body";
    const budget = createRetryBudget({ ratio: 0.2 });
    const settings: ProtectFetchOptions = {
      name: () => name,
      until: this.#endsWithBody ? "body" : "headers",
      fetch: (input, init) => fetch(input, { ...init, client }),
      logger: context.logger,
      ...(name === "http retry" && {
        retry: createRetry({ maxRetries: 2, backoff: "10ms" }, { budget }),
      }),
    };
    this.#fetch = protectFetch(provider, settings);
  }

  /** Sends requests until the soak ends. */
  async run(): Promise<void> {
    while (!this.#context.isOver) {
      this.#request(this.#plan());
      this.#request(this.#plan());
      do await after(this.#pace.between(15, 35)); while (this.#inFlight > MOST_IN_FLIGHT);
    }
  }

  #plan(): FetchPlan {
    const chance = this.#chance;
    const step = this.#steps++;
    const isFailing = Math.floor(step / PHASE) % 3 === 0;
    const good = isFailing ? 1 : 10;
    const bad = isFailing ? 3 : 0.3;
    const fault = chance.weighted<ServerFault>([
      ["answer", good],
      ["slow", good / 4],
      ["trickle", good / 4],
      ["fail", bad],
      ["hang", bad / 2],
      ["reset", bad],
      ["cut", bad],
    ]);
    const doing = chance.weighted<Doing>([["read", 10], ["cancel", 1], ["abort", 2]]);
    const abortMs = chance.between(0, 80);
    // Each fault once at first, before the breaker can open.
    const first = SERVER_FAULTS[step];
    return first === undefined
      ? { fault, doing, abortMs }
      : { fault: first, doing: "read", abortMs };
  }

  async #request({ fault, doing, abortMs }: FetchPlan): Promise<void> {
    const { ledger, tally, violations } = this.#context;
    tally.add("via:fetch");
    const what = `fetch ${fault}, ${doing}`;
    const limitMs = this.#endsWithBody ? POLICY_MS : 2 * POLICY_MS + BODY_MS;
    const entry = ledger.begin(what, { limitMs, resources: RESOURCES });
    const noted = this.#tracked.noteCall();
    this.#inFlight++;
    const controller = new AbortController();
    const reason = new Withdrawal(entry.id);
    const timer = doing === "abort"
      ? startTimer(() => controller.abort(reason), abortMs)
      : undefined;
    const { signal } = controller;
    let counted: Judgement | undefined;
    try {
      const init = doing === "abort" ? { signal } : {};
      const response = await this.#fetch(this.#server.url(fault), init);
      if (!this.#endsWithBody || response.status >= 500) {
        counted = response.status >= 500 ? "failure" : "success";
      }
      if (doing === "cancel") {
        await response.body?.cancel();
        counted ??= "ignored";
      } else {
        const text = await response.text();
        counted ??= "success";
        if (text !== BODY) violations.add("a response reaches the caller", `${what}: ${text}`);
      }
    } catch (error) {
      counted ??= judgeError(error, signal);
      if (signal.aborted && counted === "ignored" && error !== reason) {
        violations.add("a caller gets what the rules say", `${what}: aborted, got ${error}`);
      }
      tally.add(`fetch error:${errorName(error)}`);
    } finally {
      stopTimer(timer);
      noted(counted ?? "not begun");
      ledger.settle(entry);
      this.#inFlight--;
    }
  }
}

function judgeError(error: unknown, signal: AbortSignal): Judgement {
  if (error instanceof BreakerOpenError) return "refused";
  if (error instanceof BreakerTimeoutError) return "timeout";
  return signal.aborted && error === signal.reason ? "ignored" : "failure";
}

function errorName(error: unknown): string {
  return error instanceof Error || error instanceof Withdrawal ? error.constructor.name : "other";
}
