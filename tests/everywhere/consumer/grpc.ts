import { createBreaker } from "@switchgear/breaker";
import { breakerInterceptor } from "@switchgear/breaker/grpc";
import { Buffer } from "node:buffer";
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "npm:@grpc/grpc-js@1.14.7";

const GET_USER = "/im.Users/Get";
const serialize = Buffer.from;
const deserialize = String;

const server = new Server();
server.addService({
  get: {
    path: GET_USER,
    requestStream: false,
    responseStream: false,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  },
}, {
  get: (call: { request: string }, done: (error: null, user: string) => void) =>
    done(null, `user ${call.request}`),
});
const port = await new Promise<number>((resolve, reject) => {
  const insecure = ServerCredentials.createInsecure();
  server.bindAsync(
    "127.0.0.1:0",
    insecure,
    (error, bound) => error ? reject(error) : resolve(bound),
  );
});
const breaker = createBreaker(GET_USER, { failureThreshold: 1 });
const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
  interceptors: [breakerInterceptor({ getBreaker: () => breaker })],
});

function getUser(): Promise<string> {
  return new Promise((resolve) => {
    const done = (error: ServiceError | null): void => {
      const isRefused = error?.metadata.get("grpc-retry-pushback-ms").length === 1;
      resolve(error === null ? "OK" : isRefused ? "refused" : status[error.code] ?? "unknown");
    };
    client.makeUnaryRequest(GET_USER, serialize, deserialize, "7", done);
  });
}

const seen = [await getUser()];
server.forceShutdown();
seen.push(await getUser(), await getUser());
client.close();
console.log(seen.join(" "));
