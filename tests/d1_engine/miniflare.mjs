// The reference: miniflare's D1 binding. A worker is bound to its databases before it starts, so there is a
// stock of them, and each database name that a test comes with is given the next one.
import { handle } from "./contract.mjs";

const stock = new Map();

function bound(env, name) {
  if (!stock.has(name)) stock.set(name, env[`D1_${stock.size}`]);
  const binding = stock.get(name);
  if (!binding) throw new Error("the stock of databases is used up: raise STOCK in reference.mjs");
  return binding;
}

export default {
  fetch: (request, env) =>
    handle(request, env.TOKEN, async (name, statements, raw) => {
      const d1 = bound(env, name);
      const answers = await d1.batch(statements.map(({ sql, params }) => d1.prepare(sql).bind(...params)));
      return answers.map(({ results, success, meta }) => ({ results: raw ? asRaw(results) : results, success, meta }));
    }),
};

function asRaw(results) {
  const columns = Object.keys(results[0] ?? {});
  return { columns, rows: results.map((row) => columns.map((column) => row[column])) };
}
