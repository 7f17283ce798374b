/** Milliseconds as seconds with one decimal: `14.2 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
