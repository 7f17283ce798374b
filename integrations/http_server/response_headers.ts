/** A response with more headers: itself, unless its headers cannot be changed. */
export function withHeaders(
  response: Response,
  headers: readonly (readonly [string, string])[],
): Response {
  try {
    for (const [name, value] of headers) response.headers.append(name, value);
    return response;
  } catch {
    // Headers that came from another server are immutable.
  }
  let copy: Response;
  try {
    copy = new Response(response.body, response);
  } catch {
    return response; // an upgrade, which goes before headers
  }
  for (const [name, value] of headers) copy.headers.append(name, value);
  return copy;
}
