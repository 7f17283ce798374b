/**
 * Draws what a run of the demo has printed:
 * `deno run -A cli/mod.ts demo | deno run bench/demo_svg.ts > docs/demo.svg`.
 *
 * @module
 */
import { parseDemo } from "./demo_svg/parse_demo.ts";
import { renderDemo } from "./demo_svg/render_demo.ts";

const USAGE = `Usage: deno run -A cli/mod.ts demo | deno run bench/demo_svg.ts > docs/demo.svg

Reads what a whole run of the demo has printed into a pipe and draws it as SVG.

Exit status: 0 drawn; 1 the input is no whole run of the demo; 2 wrong usage.`;

const [flag] = Deno.args;
if (flag === "--help") {
  console.log(USAGE);
} else if (flag !== undefined || Deno.stdin.isTerminal()) {
  console.error(USAGE);
  Deno.exit(2);
} else {
  try {
    console.log(renderDemo(parseDemo(await new Response(Deno.stdin.readable).text())));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
