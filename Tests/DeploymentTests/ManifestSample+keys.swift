extension ManifestSample {
  static let badKeys: [ManifestSample] = [
    .root("verfy: {}", "3:1: unknown key 'verfy'; did you mean 'verify'?"),
    .root(
      "colour: red",
      "3:1: unknown key 'colour'; the known keys are name, version, services, backups, rollback, redis, verify"),
    .service("unit: a.service, reddy: 30s", "3:21: services[0]: unknown key 'reddy'; did you mean 'ready'?"),
    .service("ready: 30s", "3:3: services[0]: key 'unit' is missing"),
    .service(
      "unti: a.service", "3:3: services[0]: key 'unit' is missing",
      "3:4: services[0]: unknown key 'unti'; did you mean 'unit'?"),
    .file("Target: /a, target: /a", "5:6: services[0].files[0]: unknown key 'Target'; did you mean 'target'?"),
    .file("source: a", "5:5: services[0].files[0]: key 'target' is missing"),
    .whole("services: [{unit: a.service}]", "1:1: key 'name' is missing"),
    .whole("name: a", "1:1: key 'services' is missing"),
    .root("1: 2", "3:1: unknown key '1'; the known keys are name, version, services, backups, rollback, redis, verify"),
    .root("? [a]\n: b", "3:3: must be a plain word as key, not a list"),
    .root("rollback: {deadlin: 1s}", "3:12: rollback: unknown key 'deadlin'; did you mean 'deadline'?"),
    .verify(
      "groups: [{stream: s, grup: g}]", "3:19: verify.groups[0]: key 'group' is missing",
      "3:31: verify.groups[0]: unknown key 'grup'; did you mean 'group'?"),
    .verify(
      "duplicates: {terminal: {unti: a}}", "3:22: verify.duplicates: key 'unit' is missing",
      "3:33: verify.duplicates.terminal: key 'unit' is missing",
      "3:34: verify.duplicates.terminal: unknown key 'unti'; did you mean 'unit'?"),
    .verify(
      "http: [{urls: x}]", "3:17: verify.http[0]: key 'url' is missing",
      "3:18: verify.http[0]: unknown key 'urls'; did you mean 'url'?"),
    .verify("tcp: [{}]", "3:16: verify.tcp[0]: key 'address' is missing"),
    .verify("commands: [{name: x}]", "3:21: verify.commands[0]: key 'run' is missing"),
    .verify("files: [{log: /a}]", "3:18: verify.files[0]: key 'unit' is missing"),
  ]
}
