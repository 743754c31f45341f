import Testing

/// A document and what the decoder says to it.
struct ManifestSample: CustomTestStringConvertible {
  let yaml: String
  /// `line:column: message`, one for each problem; empty: it is accepted.
  let problems: [String]
  /// Whether a JSON Schema can see what is wrong.
  var seenBySchema = true

  var testDescription: String { String(yaml.prefix(120)) }

  /// The third line of an otherwise good manifest.
  static func root(_ line: String, _ problems: String..., seenBySchema: Bool = true) -> ManifestSample {
    ManifestSample(
      yaml: "name: shop\nservices: [{unit: shop.service}]\n\(line)\n", problems: problems, seenBySchema: seenBySchema)
  }

  /// What stands in the braces of the one service, from line 3, column 4.
  static func service(_ keys: String, _ problems: String..., seenBySchema: Bool = true) -> ManifestSample {
    ManifestSample(yaml: "name: shop\nservices:\n- {\(keys)}\n", problems: problems, seenBySchema: seenBySchema)
  }

  /// What stands in the braces of the one file, from line 5, column 6.
  static func file(_ keys: String, _ problems: String..., seenBySchema: Bool = true) -> ManifestSample {
    ManifestSample(
      yaml: "name: shop\nservices:\n- unit: shop.service\n  files:\n  - {\(keys)}\n", problems: problems,
      seenBySchema: seenBySchema)
  }

  /// What stands in the braces of `verify`, from line 3, column 10.
  static func verify(_ keys: String, _ problems: String..., seenBySchema: Bool = true) -> ManifestSample {
    ManifestSample(
      yaml: "name: shop\nservices: [{unit: shop.service}]\nverify: {\(keys)}\n", problems: problems,
      seenBySchema: seenBySchema)
  }

  static func whole(_ yaml: String, _ problems: String..., seenBySchema: Bool = true) -> ManifestSample {
    ManifestSample(yaml: yaml, problems: problems, seenBySchema: seenBySchema)
  }
}

extension ManifestSample {
  /// Documents that are refused, with all that is said to them.
  static let bad: [ManifestSample] =
    badKeys + badTypes + badDurations + badModes + badNames + badUnits + badPaths + badAddresses + badRepetitions
    + badReferences + badYAML + badProbes + badHooks + badWatches
}

extension ManifestSample {
  /// Documents at the edge of what is accepted.
  static let good: [ManifestSample] = [
    .root("# a comment"),
    .root("..."),
    .whole("\u{FEFF}name: shop\nservices: [{unit: shop.service}]"),
    .whole("---\nname: shop\r\nservices: [{unit: shop.service}]\r\n"),
    .whole(#"{"name": "shop", "services": [{"unit": "shop.service"}]}"#),
    .whole("? name\n: shop\nservices:\n- unit: |-\n    shop.service"),
    .root("version: 1.0.0"), .root("version: 2026-01-31"), .root("version: \"1.10\""), .root("version: v1 günstig"),
    .root("version: 1.2.3-rc.1+build"), .root("version: y"), .root("version: 0b"), .root("version: 1e"),
    .root("start: together"), .service("unit: a.service, state: stopped"), .service("unit: a.service, state: as-found"),
    .root("files: [{target: /c}, {target: /d, restarts: []}, {target: /e, restarts: [{files: x/**, units: []}]}]"),
    .root("backups: {}"), .root("backups: {directory: /var/backups/qtctl/, keep: 1}"),
    .root("rollback: {deadline: 1s}"),
    .root("rollback: {deadline: 24h}"), .root("redis: unix:///run/redis.sock?db=0"),
    .root("redis: redis://me:pa%20ss@[::1]:6379/3"), .root("verify: {}"), .root("verify: {stable: 0s, groups: []}"),
    .service("unit: a@b.service, ready: 1ms, stop: 0s"), .service(#"unit: 'dev-disk\x2did.mount'"#),
    .service("unit: \(String(repeating: "a", count: 247)).service"), .service("unit: x.y:_-.timer, files: []"),
    .file("target: /a"), .file("target: /.hidden/..x/a b/ü, source: a"),
    .file("target: /a, mode: \"4755\", secret: True"),
    .file("target: /a, mode: '755', owner: _apt, group: systemd-journal, keep: false"),
    .whole("name: a\nservices: [{unit: a.service, files: [{target: /etc/a}, {target: /etc/ab}]}]"),
    .file("target: \"/\(String(repeating: "a", count: 255))\""),
    .verify("groups: [{stream: s, group: g, consumers: 0, pending: 0, lag: 0}, {stream: s, group: h}]"),
    .verify("duplicates: {unit: shop.service}"),
    .verify("duplicates: {unit: router.service, terminal: {unit: x.service}}"),
    .verify("duplicates: {unit: shop.service, probe: off}"),
    .verify("duplicates: {unit: shop.service, probe: false}"),
    .verify("duplicates: {unit: shop.service, probe: \"off\"}"),
    .verify("duplicates: {unit: shop.service, probe: {id: \"${trace_id}\", body: 'a $b ${timestamp} ${'}}"),
    .verify("deadLetters: [a, b]"),
    .verify("commands: [{run: [/bin/sh, -c, \"true\\nfalse\", \"\"]}, {name: x, run: [/bin/sh]}]"),
    .verify("http: [{url: \"http://a\"}, {url: \"http://[::1]:80/x?y=%20\", status: 100}]"),
    .verify("http: [{url: \"https://a:8443\", ca: /etc/ssl/own.pem, body: '\"ok\":true'}]"),
    .verify("tcp: [{address: \"localhost:1\"}, {address: \"[fe80::1]:65535\", within: 1ms}]"),
    .verify("files: [{log: /var/log/a.log, unit: shop.service}, {log: /var/log/a.log, unit: router.service}]"),
  ]
}
