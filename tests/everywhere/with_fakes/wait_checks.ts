import {
  type Breaker,
  createBreaker,
  createProvider,
  getDefaultConfig,
  type Provider,
} from "@switchgear/breaker";
import { fileBackend } from "@switchgear/breaker/file";
import {
  breakerInterceptor,
  type GrpcInterceptingCall,
  type GrpcMetadata,
  type GrpcStatus,
} from "@switchgear/breaker/grpc";
import { memoryBackend } from "@switchgear/breaker/memory";
import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakedCheck, settle, under } from "./faked_check.ts";

/** gRPC's code of a call that is refused. */
const UNAVAILABLE = 14;
const CONFIG = getDefaultConfig("s", "development");
/** Looks at a folder that take a second or more, where a change shows within 300 ms. */
const LOOKS = 100_000;

/** Runs `body` with a folder that holds a policy, which allows three failures. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "switchgear-fakes-"));
  try {
    await writeFile(join(folder, "users.json"), '{ "failureThreshold": 3 }');
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Edits the policy in a folder, and waits for the breaker to obey it, by nothing that may be faked. */
async function seesEdit(breaker: Breaker, folder: string, failureThreshold: number): Promise<void> {
  await writeFile(join(folder, "users.json"), JSON.stringify({ failureThreshold }));
  for (let look = 0; look < LOOKS; look++) {
    if (breaker.policy.failureThreshold === failureThreshold) return;
    await stat(folder);
  }
  assert.fail("the edit is not seen");
}

/** Metadata as grpc-js has it, always empty. */
const METADATA: GrpcMetadata = {
  clone: () => METADATA,
  getMap: () => ({}),
  remove: () => {},
  set: () => {},
};

/** An interceptor of a call that must not be made. */
type RefusedCall = (
  options: { readonly method_definition: object },
  next: () => never,
) => GrpcInterceptingCall;

/** What waits for something else than a clock. */
export const WAIT_CHECKS: readonly FakedCheck[] = [
  {
    name: "a provider starts, follows an edit and closes under fakes",
    run: (fakes) =>
      under(fakes, async () => {
        const backend = memoryBackend({ users: { failureThreshold: 3 } });
        const provider = await createProvider(CONFIG, { backend });
        const breaker = provider.getBreaker("users");
        assert.equal(breaker.policy.failureThreshold, 3);
        backend.set(CONFIG.policiesPath, "users", { failureThreshold: 7 });
        await settle();
        assert.equal(breaker.policy.failureThreshold, 7);
        await provider.close();
      }),
  },
  {
    name: "a folder is read and watched in real time, under fakes and after them",
    needsEarlyLoad: true, // for Node's own timers: `node:timers` has the fakes once these are installed
    run: (fakes) =>
      withFolder(async (folder) => {
        const backend = fileBackend(folder, { watch: "poll", pollIntervalMs: 10 });
        let provider: Provider | undefined;
        await under(fakes, async () => {
          provider = await createProvider(CONFIG, { backend });
          await seesEdit(provider.getBreaker("users"), folder, 7);
        });
        assert(provider !== undefined);
        await seesEdit(provider.getBreaker("users"), folder, 9);
        await provider.close();
      }),
  },
  {
    name: "gRPC: a call that is refused ends",
    run: (fakes) =>
      under(fakes, async () => {
        const breaker = createBreaker("users", { failureThreshold: 1 });
        breaker.tryAcquire()?.failure();
        const intercept = breakerInterceptor<RefusedCall>({ getBreaker: () => breaker });
        const call = intercept(
          { method_definition: { path: "/user.UserService/GetUser", responseStream: false } },
          () => assert.fail("the call is made"),
        );
        const { code } = await new Promise<GrpcStatus>((resolve) => {
          call.start(METADATA, { onReceiveStatus: resolve });
        });
        assert.equal(code, UNAVAILABLE);
      }),
  },
];
