import { createHttpClient } from "@switchgear/breaker/fetch";
import { bulkhead, compose, health, rateLimit } from "@switchgear/breaker/http_server";

const guard = compose(
  health(createHttpClient()),
  rateLimit({ rate: 1, burst: 2, key: () => "everybody" }),
  bulkhead({ maxConcurrent: 10 }),
);
const statuses: number[] = [];
for (const path of ["/health", "/", "/", "/"]) {
  const request = new Request(`http://localhost${path}`);
  statuses.push((await guard(request, () => new Response("served"))).status);
}
console.log(statuses.join(" "));
