import { drill } from "./drill.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
say(
  "Recado drill: does anything get lost when things break? This takes about half a minute and touches none of your data.",
);
try {
  const { violations, sent, shown } = await drill(say);
  const count = (offence: string): number => violations.filter((violation) => violation.offence === offence).length;
  const rest = violations.length - count("lost") - count("doubled") - count("disorder");
  say("");
  say(`${sent} messages written, ${shown} shown to the person they were for.`);
  say(
    `lost ${count("lost")}, doubled ${count("doubled")}, out of order ${count("disorder")}${rest > 0 ? `, otherwise wrong ${rest}` : ""}`,
  );
  for (const { rule, what } of violations.slice(0, 20)) say(`    [${rule}] ${what}`);
  if (violations.length > 0) say("Please report this, with all of the text above.");
  process.exitCode = violations.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`The drill could not be done: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
