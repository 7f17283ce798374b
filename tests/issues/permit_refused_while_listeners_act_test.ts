/**
 * What a gRPC or Connect caller was told of a refusal was asked of the breaker after listeners had
 * heard of it: a call that they made and that was refused, or a reset, put other words into it.
 */
import assert from "node:assert/strict";
import * as grpc from "../../integrations/grpc/mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import { type Breaker, createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { insideOf } from "../../src/breaker/inside_of.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { grpcCall, type GrpcEnd } from "../support/refused_grpc_call.ts";

interface Users {
  readonly provider: Provider;
  readonly users: Breaker;
}

async function openUsers(freshErrors = true): Promise<Users> {
  const clock = new ManualClock();
  const policy = { failureThreshold: 1, openStateTimeout: "10s" };
  const provider = await createProvider(getDefaultConfig("s", "development"), {
    backend: memoryBackend({ default: policy, audit: { mode: "forced-open" } }),
    clock,
    logger: new KeptLog(),
    freshErrors,
  });
  const users = provider.getBreaker("users");
  users.tryAcquire()?.failure(new Error("down"));
  clock.advance("1s");
  return { provider, users };
}

interface Act {
  readonly act: (users: Users) => void;
  /** What a caller is told to wait where one error serves all: as of when it is read. */
  readonly sharedWait: string;
}

const ACTS: Readonly<Record<string, Act>> = {
  "nothing": { act: () => {}, sharedWait: "9000" },
  "a call of another breaker that is forced open": {
    act: ({ provider }) => void provider.getBreaker("audit").tryAcquire(),
    sharedWait: "9000",
  },
  "a reset": { act: ({ users }) => users.reset(), sharedWait: "0" },
  "a mode of its own": { act: ({ users }) => users.override("forced-open"), sharedWait: "0" },
};

for (const [what, { act, sharedWait }] of Object.entries(ACTS)) {
  for (const freshErrors of [true, false]) {
    const whose = freshErrors ? "an error of its own" : "one error for all";
    Deno.test(`R18: a gRPC caller is told why by ${whose} where a listener brings about ${what}`, async () => {
      const made = await openUsers(freshErrors);
      made.provider.on("reject", ({ breaker }) => {
        if (breaker === "users") act(made);
      });
      const end: GrpcEnd = await grpcCall(grpc, made.users);
      assert.equal(
        end.details,
        'Breaker "users" refused the call: it is open ' +
          "(tripped by failureThreshold 1 reached 1, last failure Error: down)",
      );
      assert.equal(end.metadata["grpc-retry-pushback-ms"], freshErrors ? "9000" : sharedWait);
      await made.provider.close();
    });
  }
}

Deno.test("R18: a permit that is refused where nobody listens has an error of its own each time", async () => {
  const { provider, users } = await openUsers();
  const refusals = [1, 2].map(() => {
    assert.equal(users.tryAcquire(), undefined);
    return insideOf(users).refusal();
  });
  assert.notEqual(refusals[0], refusals[1]);
  assert.deepEqual(refusals.map(({ reason, retryAfterMs }) => [reason, retryAfterMs]), [
    ["open", 9_000],
    ["open", 9_000],
  ]);
  assert.equal(coreOf(users).state.kind, "open");
  await provider.close();
});
