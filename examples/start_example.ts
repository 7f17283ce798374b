import process from "node:process";

/**
 * Runs an example that takes no option but `--help`; a wrong option ends it with status 2.
 *
 * @param name The file in `examples/`, without its ending.
 * @param show Shows the example, and resolves to the exit status.
 */
export async function startExample(name: string, show: () => Promise<number>): Promise<void> {
  const usage = `Usage: deno run -A examples/${name}.ts [--help]`;
  const [option] = process.argv.slice(2);
  if (option === "--help") {
    console.log(usage);
  } else if (option !== undefined) {
    console.error(`Unknown option ${JSON.stringify(option)}\n${usage}`);
    process.exitCode = 2;
  } else {
    process.exitCode = await show();
  }
}
