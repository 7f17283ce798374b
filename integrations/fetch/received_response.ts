/** What `new Response` cannot take over from a response that was received. */
const RECEIVED = ["url", "redirected", "type"] as const;

/** A response like `received`, with another stream in place of its body. */
export function withBody(received: Response, body: ReadableStream<Uint8Array>): Response {
  return asReceived(new Response(body, received), received);
}

function asReceived(response: Response, received: Response): Response {
  for (const name of RECEIVED) {
    Object.defineProperty(response, name, { value: received[name], configurable: true });
  }
  const clone = (): Response => asReceived(Response.prototype.clone.call(response), received);
  Object.defineProperty(response, "clone", { value: clone, configurable: true });
  return response;
}

/** Gives up a response that nobody will read, and with it its connection. */
export function discard(response: Response | undefined): void {
  if (response?.body?.locked === false) response.body.cancel().catch(() => {});
}
