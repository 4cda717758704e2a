// Starts the reference engine and writes {"port": …} to the given file descriptor.
import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const STOCK = 200;
const [modules, sources, files, readyFd] = process.argv.slice(2);
const { Miniflare } = await import(pathToFileURL(createRequire(`${modules}/`).resolve("miniflare")).href);

const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  modules: ["miniflare.mjs", "contract.mjs"].map((path) => ({ type: "ESModule", path: `${sources}/${path}` })),
  modulesRoot: sources,
  compatibilityDate: "2026-07-01",
  bindings: { TOKEN: process.env.D1_ENGINE_TOKEN },
  d1Databases: Object.fromEntries(Array.from({ length: STOCK }, (_, i) => [`D1_${i}`, `database-${i}`])),
  d1Persist: files,
});

process.on("SIGTERM", () => miniflare.dispose().then(() => process.exit(0)));
writeSync(Number(readyFd), `${JSON.stringify({ port: Number((await miniflare.ready).port) })}\n`);
