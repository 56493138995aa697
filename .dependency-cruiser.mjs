// Which file may import which: the layers of ARCHITECTURE.md, checked by `npm run check`. Says nothing about style.

/** The layers of the program, innermost first: each may import those before it, and itself. */
const layers = [
  { name: "core", path: "^infra/core/" },
  { name: "hosts", path: "^infra/hosts/" },
  { name: "observe", path: "^infra/observe/" },
  { name: "platforms", path: "^infra/platforms/" },
  { name: "components", path: "^infra/components/" },
  { name: "index", path: "^infra/index[.]ts$" },
];

const oneWay = layers.slice(0, -1).map(({ name, path }, at) => ({
  name: `${name}-imports-inwards`,
  comment: `infra/${name} is below ${layers[at + 1].name}: it must not know what is built on it`,
  severity: "error",
  from: { path },
  to: { path: layers.slice(at + 1).map((outer) => outer.path) },
}));

/** Only these files may import that package. */
const only = (name, { from, except = [], packages, comment }) => ({
  name: `only-${name}`,
  comment,
  severity: "error",
  from: { path: "^(infra|scripts)/", pathNot: [from, ...except] },
  to: { path: packages.map((one) => `(^|node_modules/)${one}(/|$)`) },
});

export default {
  forbidden: [
    ...oneWay,
    {
      name: "program-knows-no-scripts",
      comment: "infra says what should run; doing it is for scripts, which Pulumi's commands call by scripts/run",
      severity: "error",
      from: { path: "^infra/" },
      to: { path: "^(scripts|test)/" },
    },
    {
      name: "scripts-need-no-pulumi-program",
      comment: "scripts import infra/core, infra/hosts and infra/observe: a verb must not load Pulumi's SDK",
      severity: "error",
      from: { path: "^scripts/" },
      to: { path: ["^test/", "^infra/"], pathNot: "^infra/(core|hosts|observe)/" },
    },
    {
      name: "core-is-pure",
      comment:
        "infra/core renders and judges: no Node API but node:crypto's pure functions in secrets and certificates",
      severity: "error",
      from: { path: "^infra/core/", pathNot: "^infra/core/(secrets|certificates)[.]ts$" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "core-only-hashes",
      severity: "error",
      from: { path: "^infra/core/(secrets|certificates)[.]ts$" },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?crypto$" },
    },
    only("observe-speaks-nats", {
      comment: "one file knows the client library, so that its successor is one file's work",
      from: "^infra/observe/nats[.]ts$",
      packages: ["nats"],
    }),
    only("one-file-speaks-ssh", {
      comment: "what a host is asked for goes by scripts and channels: the client library is one file's work",
      from: "^infra/hosts/ssh/connection[.]ts$",
      except: ["^infra/hosts/ssh/(locks|scan|session|shell)[.]ts$"],
      packages: ["ssh2"],
    }),
    only("program-uses-pulumi", {
      comment: "Pulumi's SDK takes half a second to load and belongs to the program alone",
      from: "^infra/(platforms|components)/",
      except: ["^infra/index[.]ts$", "^scripts/toolchain/language-host/"],
      packages: ["@pulumi"],
    }),
    {
      name: "language-host-uses-stubs",
      comment: "the language host speaks to Pulumi's engine by its stubs and needs nothing else of the SDK",
      severity: "error",
      from: { path: "^scripts/toolchain/language-host/" },
      to: { path: "(^|node_modules/)@pulumi/", pathNot: "(^|node_modules/)@pulumi/pulumi/proto/" },
    },
    only("language-host-speaks-grpc", {
      from: "^scripts/toolchain/language-host/",
      packages: ["@pulumi/pulumi/proto", "@grpc", "google-protobuf"],
    }),
    only("settings-parse", {
      comment: "outside data enters through one parser",
      from: "^infra/core/settings",
      packages: ["valibot"],
    }),
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-missing-file", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "packages-are-declared",
      comment: "what a file imports stands in package.json, and the program needs no package of the tests",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no-development-package-at-run-time",
      severity: "error",
      from: { path: "^(infra|scripts)/", pathNot: "^scripts/(check|test|bench)" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      extensions: [".ts", ".mjs", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
