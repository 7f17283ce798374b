/** How many tries a failing input is made smaller by, at most. */
const MAX_TRIES = 2_000;

/**
 * Makes a failing text smaller for as long as it fails: takes out ever shorter
 * stretches of it (delta debugging), then puts plain characters in place of others.
 */
export async function shrink(
  input: string,
  fails: (input: string) => Promise<boolean>,
): Promise<string> {
  let smallest = input;
  let tries = 0;
  const attempt = async (candidate: string): Promise<boolean> => {
    if (candidate === smallest || tries++ >= MAX_TRIES || !await fails(candidate)) return false;
    smallest = candidate;
    return true;
  };
  for (let length = Math.ceil(smallest.length / 2); length >= 1; length = Math.floor(length / 2)) {
    for (let at = 0; at < smallest.length;) {
      if (!await attempt(smallest.slice(0, at) + smallest.slice(at + length))) at += length;
    }
  }
  for (let at = 0; at < smallest.length; at++) {
    if (smallest[at] !== "a") await attempt(`${smallest.slice(0, at)}a${smallest.slice(at + 1)}`);
  }
  return smallest;
}
