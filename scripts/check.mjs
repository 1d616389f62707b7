import { ensureInstalled } from "./install.mjs";
import { runMain } from "./project.mjs";

// Types, lint and formatting: the quick part of `npm test`.
await runMain(async () => {
  await ensureInstalled();
  const { runChecks } = await import("./checks.mjs");
  const { passed, failed } = await runChecks({ quickly: true });
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
});
