/** A message in which every secret, as it is or as JSON or a URL would write it, is three dots. */
export function withoutSecrets(message: string, secrets: readonly string[]): string {
  const spellings = secrets.filter((secret) => secret !== "").flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
  ]);
  const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((shown, spelling) => shown.replaceAll(spelling, "…"), message);
}
