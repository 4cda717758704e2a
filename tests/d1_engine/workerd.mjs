// The fast engine: the SQLite that D1 runs on, in a Durable Object, with no D1 binding and no Node.
import { DurableObject } from "cloudflare:workers";

import { handle } from "./contract.mjs";

export class SqliteObject extends DurableObject {
  run(statements, raw) {
    const sql = this.ctx.storage.sql;
    const execute = (statement) => {
      const started = Date.now();
      const cursor = sql.exec(statement.sql, ...statement.params);
      const results = raw
        ? { columns: cursor.columnNames, rows: [...cursor.raw()] }
        : cursor.toArray();
      return {
        results,
        success: true,
        meta: {
          served_by: "workerd",
          duration: Date.now() - started,
          changed_db: cursor.rowsWritten > 0,
          size_after: sql.databaseSize,
          rows_read: cursor.rowsRead,
          rows_written: cursor.rowsWritten,
        },
      };
    };
    return this.ctx.storage.transactionSync(() => statements.map(execute));
  }
}

export default {
  fetch: (request, env) =>
    handle(request, env.TOKEN, (database, statements, raw) =>
      env.SQLITE.get(env.SQLITE.idFromName(database)).run(statements, raw)),
};
