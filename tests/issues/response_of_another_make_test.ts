/** A handler may answer with a `Response` that is not the platform's own class: undici's, or a framework's. */
import assert from "node:assert/strict";
import { rateLimit } from "../../integrations/http_server/mod.ts";

class OtherResponse {
  readonly status = 200;
  readonly body = null;
  readonly headers = new Headers();
}

/** As the server sees it, which does not ask for the class. */
function other(): Response {
  const response: unknown = new OtherResponse();
  return response as Response;
}

const HANDLERS: Record<string, () => Response | Promise<Response>> = {
  "at once": other,
  "later": () => Promise.resolve(other()),
};

for (const [when, next] of Object.entries(HANDLERS)) {
  Deno.test(`rateLimit adds its headers to a response of another make that comes ${when}`, async () => {
    const middleware = rateLimit({ rate: 10 });
    const response = await middleware(new Request("http://shop.example/"), next);
    assert(response instanceof OtherResponse);
    assert.equal(response.headers.get("RateLimit-Policy"), '"default";q=10;w=1');
  });
}
