// A PDS and the directory of identities that it needs, on 127.0.0.1 alone, in a folder of its own.
// Arguments: the port of each, the folder, and the secret of its tokens. Ends when its input does.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as pds from "@atproto/pds";
import * as plc from "@did-plc/server";

const { Database, PlcServer } = plc.PlcServer ? plc : plc.default;
const [port, directoryPort, folder, jwtSecret] = process.argv.slice(2);

const directory = PlcServer.create({ db: Database.mock(), port: Number(directoryPort) });
await directory.start();

const settings = {
  devMode: true,
  port: Number(port),
  hostname: "localhost",
  didPlcUrl: `http://127.0.0.1:${directoryPort}`,
  dataDirectory: folder,
  blobstoreDiskLocation: join(folder, "blobs"),
  inviteRequired: false,
  serviceHandleDomains: [".test"],
  disableSsrfProtection: true,
  jwtSecret,
  adminPassword: randomBytes(16).toString("hex"),
  plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString("hex"),
};
const server = await pds.PDS.create(pds.envToCfg(settings), pds.envToSecrets(settings));
await server.start();
process.stdin.resume().on("end", () => process.exit(0));
