extension ManifestSample {
  static let badNames: [ManifestSample] = [
    .whole(
      "name: ../etc\nservices: [{unit: a.service}]",
      "1:7: name: '../etc' must be 1 to 64 letters, digits, '_', '.', '-', the first a letter or digit"),
    .whole(
      "name: \"\"\nservices: [{unit: a.service}]",
      "1:7: name: '' must be 1 to 64 letters, digits, '_', '.', '-', the first a letter or digit"),
    .root("version: \"\"", "3:10: version: '' must not be empty"),
    .root("version: \"a\\nb\"", "3:10: version: 'a\u{FFFD}b' must be one line without control characters"),
    .file(
      "target: /a, owner: 0day",
      "5:25: services[0].files[0].owner: '0day' must be a name of 1 to 32 letters, digits, '_', '.', '-', "
        + "the first no digit"
    ),
    .file(
      "target: /a, group: \"1000\"",
      "5:25: services[0].files[0].group: '1000' must be a name of 1 to 32 letters, digits, '_', '.', '-', "
        + "the first no digit"
    ),
    .file(
      "target: /a, owner: \"a b\"",
      "5:25: services[0].files[0].owner: 'a b' must be a name of 1 to 32 letters, digits, '_', '.', '-', "
        + "the first no digit"
    ),
    .verify("groups: [{stream: \"\", group: g}]", "3:28: verify.groups[0].stream: '' must not be empty"),
    .verify(
      "groups: [{stream: s, group: g, lag: -1}]",
      "3:46: verify.groups[0].lag: '-1' must be a whole number from 0 to 1000000000"),
    .verify(
      "duplicates: {unit: shop.service, log: \"A\\nB\"}",
      "3:48: verify.duplicates.log: 'A\u{FFFD}B' must be one line without control characters"),
  ]

  static let badUnits: [ManifestSample] = [
    .service(
      "unit: shop",
      "3:10: services[0].unit: 'shop' must end in the type of a unit, such as .service"
    ),
    .service(
      "unit: shop.servic",
      "3:10: services[0].unit: 'shop.servic' must end in the type of a unit, such as .service"
    ),
    .service("unit: .service", "3:10: services[0].unit: '.service' must have a name before its type"),
    .service(
      "unit: /etc/systemd/system/shop.service",
      "3:10: services[0].unit: '/etc/systemd/system/shop.service' must be the name of a unit, not a path"),
    .service(
      "unit: shöp.service",
      "3:10: services[0].unit: 'shöp.service' must consist of ASCII letters, digits and : - _ . \\ @"),
    .service(
      "unit: \"a b.service\"",
      "3:10: services[0].unit: 'a b.service' must consist of ASCII letters, digits and : - _ . \\ @"),
    .service(
      "unit: shop@.service",
      "3:10: services[0].unit: 'shop@.service' is a template; name an instance, such as 'shop@1.service'"),
    .service("unit: \"@shop.service\"", "3:10: services[0].unit: '@shop.service' must have a name before the '@'"),
    .service(
      "unit: \"a.service\\n\"",
      "3:10: services[0].unit: 'a.service\u{FFFD}' must end in the type of a unit, such as .service"
    ),
    .verify(
      "duplicates: {unit: shop}",
      "3:29: verify.duplicates.unit: 'shop' must end in the type of a unit, such as .service"
    ),
  ]

  static let badPaths: [ManifestSample] = [
    .file("target: etc/a", "5:14: services[0].files[0].target: 'etc/a' must be an absolute path"),
    .file("target: /", "5:14: services[0].files[0].target: '/' must not end in '/' or contain '//'"),
    .file("target: \"\"", "5:14: services[0].files[0].target: '' must be an absolute path"),
    .file("target: /a/", "5:14: services[0].files[0].target: '/a/' must not end in '/' or contain '//'"),
    .file("target: /a//b", "5:14: services[0].files[0].target: '/a//b' must not end in '/' or contain '//'"),
    .file(
      "target: /a/../b",
      "5:14: services[0].files[0].target: '/a/../b' must not contain '.' or '..'; write the path it means"),
    .file(
      "target: /a/./b",
      "5:14: services[0].files[0].target: '/a/./b' must not contain '.' or '..'; write the path it means"),
    .file(
      "target: /a/..",
      "5:14: services[0].files[0].target: '/a/..' must not contain '.' or '..'; write the path it means"),
    .file("target: \"/a\\nb\"", "5:14: services[0].files[0].target: '/a\u{FFFD}b' must not contain control characters"),
    .file("target: \"/a\\0b\"", "5:14: services[0].files[0].target: '/a\u{FFFD}b' must not contain control characters"),
    .file(
      "target: \"/a\\u2028b\"", "5:14: services[0].files[0].target: '/a\u{FFFD}b' must not contain control characters"),
    .file("target: /a, source: b/", "5:26: services[0].files[0].source: 'b/' must not end in '/'"),
    .file("target: /a, source: \"\"", "5:26: services[0].files[0].source: '' must not be empty"),
    .file("target: ~/a", "5:14: services[0].files[0].target: '~/a' must be an absolute path"),
    .verify(
      "files: [{log: router.log, unit: shop.service}]",
      "3:24: verify.files[0].log: 'router.log' must be an absolute path"),
    .verify(
      "commands: [{run: [true]}]",
      "3:27: verify.commands[0].run: must start with the absolute path of a program; no shell is used",
      "3:28: verify.commands[0].run[0]: must be text, but unquoted it is true or false to YAML; "
        + "put it in quotes: \"true\""
    ),
    .verify(
      "commands: [{run: [bin/true]}]",
      "3:27: verify.commands[0].run: must start with the absolute path of a program; no shell is used"),
    .verify(
      "commands: [{run: [/bin/]}]",
      "3:27: verify.commands[0].run: must start with the absolute path of a program; no shell is used"),
    .verify(
      "commands: [{run: [/bin/echo, \"a\\0b\"]}]",
      "3:39: verify.commands[0].run[1]: 'a\u{FFFD}b' must not contain a NUL"),
  ]
}

extension ManifestSample {
  static let badProbes: [ManifestSample] = [
    .probe("on", "must be the fields of a probe, or off, not true or false"),
    .probe("none", "must be the fields of a probe, or off, not text"),
    .probe("[a]", "must be the fields of a probe, or off, not a list"),
    .probe("{}", "no field has ${trace_id}, which tells one probe from another; add it to one"),
    .probe(
      "{a: x}", "no field has ${trace_id}, which tells one probe from another; add it to one", seenBySchema: false),
    .verify(
      "duplicates: {unit: shop.service, probe: {a: \"${trace_id}${time}\"}}",
      "3:54: verify.duplicates.probe.a: '${trace_id}${time}' has the unknown placeholder ${time}; known are ${trace_id}"
        + " and ${timestamp}"),
    .verify(
      "duplicates: {unit: shop.service, probe: {a: \"${trace_id}\", b: 5}}",
      "3:72: verify.duplicates.probe.b: must be text, but unquoted it is a number to YAML; put it in quotes: \"5\""),
    .verify(
      "deadLetters: [a, a]",
      "3:27: verify.deadLetters[1]: duplicate stream of dead letters 'a'; it is already in"
        + " line 3", seenBySchema: false),
  ]

  /// What stands behind `probe:`, and what is said of it.
  private static func probe(_ value: String, _ problem: String, seenBySchema: Bool = true) -> ManifestSample {
    .verify(
      "duplicates: {unit: shop.service, probe: \(value)}", "3:50: verify.duplicates.probe: \(problem)",
      seenBySchema: seenBySchema)
  }
}
