/**
 * Calls a real gRPC server with grpc-js, behind a breaker. Says what it ran on,
 * prints what failed, and closes with `N passed, N failed`.
 *
 * @module
 */
import { createBreaker } from "@switchgear/breaker";
import { breakerInterceptor } from "@switchgear/breaker/grpc";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "npm:@grpc/grpc-js@1.14.7";
import { runChecks, SILENT } from "../on_platform/check_list.ts";
import { thisRuntime } from "../on_platform/runtime.ts";

const PATH = "/user.UserService/GetUser";
const toBytes = (text: string): Buffer => Buffer.from(text);
const toText = (bytes: Buffer): string => bytes.toString();

/** A server that answers with a name, and is unavailable for `down`. */
async function startServer(): Promise<{ server: Server; port: number }> {
  const server = new Server();
  const getUser = {
    path: PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: toBytes,
    requestDeserialize: toText,
    responseSerialize: toBytes,
    responseDeserialize: toText,
  };
  server.addService({ getUser }, {
    getUser: (call: { request: string }, done: (error: object | null, value?: string) => void) =>
      call.request === "down"
        ? done({ code: status.UNAVAILABLE, details: "down" })
        : done(null, `user ${call.request}`),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(
      "127.0.0.1:0",
      ServerCredentials.createInsecure(),
      (error, port) => error === null ? resolve(port) : reject(error),
    )
  );
  return { server, port };
}

async function callServer(): Promise<void> {
  const { server, port } = await startServer();
  const breaker = createBreaker("users", { failureThreshold: 1, openStateTimeout: "1h" }, {
    logger: SILENT,
  });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    interceptors: [breakerInterceptor({ getBreaker: () => breaker })],
  });
  const call = (id: string): Promise<string | undefined> =>
    new Promise((resolve, reject) =>
      client.makeUnaryRequest(
        PATH,
        toBytes,
        toText,
        id,
        (error: ServiceError | null, value?: string) =>
          error === null ? resolve(value) : reject(error),
      )
    );
  try {
    assert.equal(await call("7"), "user 7");
    await assert.rejects(call("down"), { code: status.UNAVAILABLE, details: "down" });
    assert.equal(breaker.state, "open");
    await assert.rejects(call("7"), { code: status.UNAVAILABLE, details: /is open/ });
    assert.equal(breaker.counts.rejected, 1);
  } finally {
    client.close();
    server.forceShutdown();
  }
}

const { name, version } = thisRuntime();
console.log(`platform ${name} ${version}`);
const { passed, failed } = await runChecks([{
  name: "grpc: calls go through, failures open the breaker, and it refuses",
  run: callServer,
}], (line) => console.log(line));
console.log(`${passed} passed, ${failed} failed`);
