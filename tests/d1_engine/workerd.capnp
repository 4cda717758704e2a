using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "files", disk = (writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  compatibilityDate = "2026-07-01",
  modules = [
    (name = "workerd.mjs", esModule = embed "workerd.mjs"),
    (name = "contract.mjs", esModule = embed "contract.mjs"),
  ],
  durableObjectNamespaces = [(className = "SqliteObject", uniqueKey = "emdash-tests", enableSql = true)],
  durableObjectStorage = (localDisk = "files"),
  bindings = [
    (name = "SQLITE", durableObjectNamespace = "SqliteObject"),
    (name = "TOKEN", fromEnvironment = "D1_ENGINE_TOKEN"),
  ],
);
