// node peer.mjs migrate|noop|answer DATABASE_URI COUNT
//
// Works off the jobs that are there and says how long that took, from the start of the runner to the end of the last
// job. The settings are those of graphile-worker's own page on performance, for one process.
import { readFileSync } from "node:fs";
import { Logger, run, runMigrations } from "graphile-worker";

const [what, connectionString, countText] = process.argv.slice(2);
const count = Number(countText);
const logger = new Logger(() => (level, message) => {
  if (level === "error") console.error(message);
});
const preset = {
  worker: {
    connectionString,
    concurrentJobs: 24,
    maxPoolSize: 25,
    localQueue: { size: 500 },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  },
};

if (what === "migrate") {
  await runMigrations({ connectionString, logger });
  process.exit(0);
}

const answer = readFileSync(new URL("answer.sql", import.meta.url), "utf8");
const title = "Photosynthesis for Cooks";
let done = 0;
let finished;
const all = new Promise((resolve) => (finished = resolve));
const count_one = () => {
  if (++done === count) finished();
};
const taskList = {
  noop: () => count_one(),
  // A prepared statement in the pool's connection, as its documentation advises.
  answer: async ({ id }, helpers) => {
    await helpers.query({ name: "answer", text: answer, values: [id, title] });
    count_one();
  },
};

const started = process.hrtime.bigint();
const runner = await run({ preset, taskList, logger });
runner.events.on("job:error", ({ error }) => {
  console.error(error);
  process.exit(1);
});
await all;
// stop() flushes the completions that are still batched.
await runner.stop();
console.log(`seconds ${Number(process.hrtime.bigint() - started) / 1e9}`);
