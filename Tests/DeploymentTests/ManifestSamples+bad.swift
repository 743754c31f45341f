extension ManifestSample {
  /// Documents that are refused, by what they violate; the columns are those of the value that is wrong.
  static let bad: [ManifestSample] = [
    // Keys
    .root("verfy: {}", "3:1: unknown key 'verfy', did you mean 'verify'?"),
    .root(
      "colour: red",
      "3:1: unknown key 'colour'; the keys here are name, version, services, backups, rollback, redis, verify"),
    .service("unit: a.service, reddy: 30s", "3:20: services[0]: unknown key 'reddy', did you mean 'ready'?"),
    .service("ready: 30s", "3:3: services[0]: key 'unit' is missing"),
    .service(
      "unti: a.service", "3:3: services[0]: key 'unit' is missing",
      "3:4: services[0]: unknown key 'unti', did you mean 'unit'?"),
    .file("Target: /a, target: /a", "5:6: services[0].files[0]: unknown key 'Target', did you mean 'target'?"),
    .whole("services: [{unit: a.service}]", "1:1: key 'name' is missing"),
    .whole("name: a", "1:1: key 'services' is missing"),
  ]
}
