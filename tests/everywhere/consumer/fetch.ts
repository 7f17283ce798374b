import { BreakerOpenError } from "@switchgear/breaker";
import { createHttpClient } from "@switchgear/breaker/fetch";

await using server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  () => new Response(null, { status: 503, headers: { "retry-after": "60" } }),
);
const http = createHttpClient({ policy: { failureThreshold: 1 } });
const url = `http://127.0.0.1:${server.addr.port}/`;
const { status } = await http(url);
const refusal = await http(url).catch((error) => error);
console.log(status, refusal instanceof BreakerOpenError && refusal.reason);
