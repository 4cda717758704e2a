// The part of Cloudflare's REST API that the tool speaks, in front of whatever executes a batch.
// Both engines share it, so that they differ in nothing but the database behind it.
//
// Beside the API stands a control endpoint, POST /control/{database}, for tests: faults to inject,
// a limit on the size of a body, and the log of the requests seen.

const API = /^\/client\/v4\/accounts\/([^/]+)\/d1\/database\/([^/]+)\/(query|raw|time_travel\/bookmark)$/;
const CONTROL = /^\/control\/([^/]+)$/;

const MAX_PARAMS = 100;
const MAX_SQL_BYTES = 100_000;
const MAX_VALUE_BYTES = 2_000_000;

/** What is known of each database: one entry a test, since each test has a database of its own. */
const databases = new Map();

function stateOf(database) {
  if (!databases.has(database)) databases.set(database, { faults: [], cycle: false, maxBody: null, log: [] });
  return databases.get(database);
}

class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

function answer(status, result, errors, headers = {}) {
  const body = { result, success: errors.length === 0, errors, messages: [] };
  return Response.json(body, { status, headers });
}

const failure = (status, code, message, headers) => answer(status, null, [{ code, message }], headers);

/** execute(database, statements, raw) answers [{results, success, meta}] of one atomic batch, or throws. */
export async function handle(request, token, execute) {
  const { pathname } = new URL(request.url);
  const control = CONTROL.exec(pathname);
  if (control) return controlled(control[1], await request.json(), execute);
  const call = API.exec(pathname);
  const wanted = call?.[3] === "time_travel/bookmark" ? "GET" : "POST";
  if (!call || request.method !== wanted) return failure(404, 7003, `Could not route to ${pathname}, perhaps your object identifier is invalid?`);
  const [, account, database, form] = call;
  const state = stateOf(database);
  const text = await request.text();
  const entry = { account, form, bytes: new TextEncoder().encode(text).length, statements: 0, sql: [], status: 0 };
  state.log.push(entry);
  const fault = nextFault(state);
  if (fault.delay) await new Promise((resolve) => setTimeout(resolve, fault.delay * 1000));
  const response = await respond();
  if (fault.hold) await new Promise((resolve) => setTimeout(resolve, fault.hold * 1000));
  entry.status = response.status;
  return fault.drop ? dropped() : response;

  async function respond() {
    if (request.headers.get("Authorization") !== `Bearer ${token}`) return failure(401, 10000, "Authentication error");
    if (state.maxBody !== null && entry.bytes > state.maxBody) return failure(413, 7413, "Request body is too large");
    if (fault.status && !fault.after) return injected(fault);
    if (form === "time_travel/bookmark") return answer(200, { bookmark: bookmarkAfter(state.log.length) }, []);
    try {
      const statements = parsed(text);
      entry.statements = statements.length;
      entry.sql = statements.map(({ sql }) => sql);
      statements.forEach(checked);
      let result = await execute(database, statements, form === "raw");
      if (fault.twice) result = await execute(database, statements, form === "raw");
      return fault.status ? injected(fault) : answer(200, fault.truncate ? result.slice(0, -1) : result, []);
    } catch (error) {
      if (error instanceof Refusal) return failure(error.status, error.code, error.message);
      return failure(400, 7500, error.message.replace(/^D1_ERROR: /, ""));
    }
  }
}

/** In the shape of D1's: no engine here keeps a history that one could go back to. */
const bookmarkAfter = (requests) =>
  ["00000000", requests.toString(16).padStart(8, "0"), "00004e2b", "c977dc13f5ad1c6ae2e5e2d0bdff1b04"].join("-");

const injected = (fault) =>
  fault.text === undefined
    ? failure(fault.status, fault.code, fault.message, fault.headers)
    : new Response(fault.text, { status: fault.status, headers: fault.headers });

function nextFault(state) {
  const fault = state.faults.shift() ?? {};
  if (state.cycle) state.faults.push(fault);
  return fault;
}

/** An answer that breaks off in its body: the reply is lost, whatever was committed stays. */
function dropped() {
  const { readable, writable } = new FixedLengthStream(1000);
  const writer = writable.getWriter();
  writer.write(new TextEncoder().encode('{"result":')).then(() => writer.abort(new Error("dropped on request")), () => {});
  return new Response(readable, { headers: { "Content-Type": "application/json" } });
}

function parsed(text) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refusal(400, 7400, "The request body is not valid JSON");
  }
  const statements = body.batch ?? [body];
  if (!Array.isArray(statements) || statements.some(({ sql }) => typeof sql !== "string"))
    throw new Refusal(400, 7400, "The request is malformed: sql must be a string");
  return statements.map(({ sql, params }) => ({ sql, params: params ?? [] }));
}

// workerd lets a value have 2.2 MB; D1 documents 2 MB.
function checked({ sql, params }) {
  const bytes = (value) => new TextEncoder().encode(value).length;
  if (params.length > MAX_PARAMS) throw new Refusal(400, 7500, "too many SQL variables at offset 0: SQLITE_ERROR");
  if (bytes(sql) > MAX_SQL_BYTES) throw new Refusal(400, 7500, "statement too long: SQLITE_TOOBIG");
  if (params.some((value) => typeof value === "string" && bytes(value) > MAX_VALUE_BYTES))
    throw new Refusal(400, 7500, "string or blob too big: SQLITE_TOOBIG");
}

async function controlled(database, { faults, cycle, maxBody, forget, run }, execute) {
  const state = stateOf(database);
  if (faults !== undefined) Object.assign(state, { faults, cycle: cycle ?? false });
  if (maxBody !== undefined) state.maxBody = maxBody;
  const log = state.log;
  if (forget) state.log = [];
  const result = run ? await execute(database, run, false) : [];
  return Response.json({ log, faults: state.faults, result });
}
