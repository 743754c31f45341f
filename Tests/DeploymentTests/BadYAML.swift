extension ManifestSample {
  static let badRepetitions: [ManifestSample] = [
    .whole(
      "name: a\nname: b\nservices: [{unit: a.service}]",
      "2:1: duplicate key 'name'; it is already in line 1", seenBySchema: false),
    .service(
      "unit: a.service, unit: b.service",
      "3:21: services[0]: duplicate key 'unit'; it is already in line 3", seenBySchema: false),
    .whole(
      "name: a\nservices:\n- unit: a.service\n- unit: a.service",
      "4:9: services[1].unit: duplicate unit 'a.service'; it is already in line 3", seenBySchema: false),
    .whole(
      "name: a\nservices:\n- {unit: a.service, files: [{target: /a}]}\n- {unit: b.service, files: [{target: /a}]}",
      "4:38: services[1].files[0].target: duplicate target '/a'; it is already in line 3", seenBySchema: false),
    .whole(
      "name: a\nservices:\n- {unit: a.service, files: [{target: /a/b/c}]}\n- {unit: b.service, files: [{target: /a}]}",
      "3:38: target '/a/b/c' is inside the target in line 4; a path has one source", seenBySchema: false),
    .verify(
      "groups: [{stream: s, group: g}, {stream: s, group: g, lag: 5}]",
      "3:42: verify.groups[1]: duplicate group 'g' of 's'; it is already in line 3", seenBySchema: false),
    .verify(
      "commands: [{run: [/bin/a]}, {run: [/usr/bin/a]}]",
      "3:38: verify.commands[1]: duplicate command 'a'; it is already in line 3", seenBySchema: false),
    .verify(
      "http: [{url: \"http://h\"}, {url: \"http://h/\"}]",
      "3:36: verify.http[1]: duplicate url 'http://h/'; it is already in line 3", seenBySchema: false),
    .verify(
      "tcp: [{address: \"h:1\"}, {address: \"h:1\"}]",
      "3:34: verify.tcp[1]: duplicate address 'h:1'; it is already in line 3", seenBySchema: false),
    .verify(
      "files: [{log: /a, unit: shop.service}, {log: /b, unit: shop.service}]",
      "3:49: verify.files[1]: duplicate unit with a log file 'shop.service'; it is already in line 3",
      seenBySchema: false),
  ]

  static let badReferences: [ManifestSample] = [
    .verify(
      "duplicates: {unit: shp.service}",
      "3:29: verify.duplicates.unit: 'shp.service' is not one of the services; did you mean 'shop.service'?",
      seenBySchema: false),
    .verify(
      "duplicates: {unit: shop.service, terminal: {unit: shops.service}}",
      "3:60: verify.duplicates.terminal.unit: 'shops.service' is not one of the services; did you mean 'shop.service'?",
      seenBySchema: false),
    .verify(
      "files: [{log: /a, unit: shpo.service}]",
      "3:34: verify.files[0].unit: 'shpo.service' is not one of the services; did you mean 'shop.service'?",
      seenBySchema: false),
  ]

  static let badYAML: [ManifestSample] = [
    .whole("", "1:1: the manifest is empty; it needs at least 'name' and 'services'"),
    .whole("# only a comment", "1:1: the manifest is empty; it needs at least 'name' and 'services'"),
    .whole("---", "2:1: must be a mapping of keys to values, but it has no value; give it one or remove the key"),
    .whole(
      "name: a\n---\nname: b", "1:1: key 'services' is missing",
      "3:1: a second YAML document begins here, and a manifest is only one; remove it or the '---' before it",
      seenBySchema: false),
    .whole(
      "name: a\nservices: [{unit: a.service}]\n--- {}",
      "3:5: a second YAML document begins here, and a manifest is only one; remove it or the '---' before it",
      seenBySchema: false),
    .whole(
      "name: a\nservices: [{unit: a.service}]\n---\n\tx", "4:1: a tab cannot indent YAML; use spaces",
      seenBySchema: false),
    .whole(
      "name: &n a\nservices: [{unit: a.service}]",
      "1:7: name: anchors (&name) are not allowed; write the value out where it is used",
      seenBySchema: false),
    .whole(
      "name: a\nservices: [&s {unit: a.service}, *s]",
      "2:12: services[0]: anchors (&name) are not allowed; write the value out where it is used",
      "2:34: services[1]: aliases (*name) are not allowed; write the value out where it is used"),
    .whole(
      "name: *n", "1:1: key 'services' is missing",
      "1:7: name: aliases (*name) are not allowed; write the value out where it is used"),
    .whole(
      "base: &b {ready: 1s}\nname: a\nservices: [{unit: a.service, <<: *b}]",
      "1:1: unknown key 'base'; the known keys are name, version, start, files, services, backups, rollback, redis, hooks, verify, watch",
      "3:30: services[0]: merge keys (<<) are not allowed; write the keys out where they are used"),
    .whole("name: a\nservices:\n\t- unit: a.service", "3:1: a tab cannot indent YAML; use spaces", seenBySchema: false),
    .whole(
      "name: a\nservices:\n  - unit: a.service\n\t  ready: 1s", "4:1: a tab cannot indent YAML; use spaces",
      seenBySchema: false),
    .whole(
      "name: a\nservices: [",
      "3:1: this is not YAML: did not find expected node content (while parsing a flow node from line 3)",
      seenBySchema: false),
    .whole(
      "name: \"a", "1:9: this is not YAML: found unexpected end of stream (while scanning a quoted scalar from line 1)",
      seenBySchema: false),
    .whole("name: a: b", "1:8: this is not YAML: mapping values are not allowed in this context", seenBySchema: false),
    .whole(
      "name: @a",
      "1:7: this is not YAML: found character that cannot start any token "
        + "(while scanning for the next token from line 1)",
      seenBySchema: false),
    .whole(
      "name: " + String(repeating: "[", count: 40),
      "1:38: values are nested more than 32 levels deep; no manifest needs that", seenBySchema: false),
    .whole(
      "name: !!str a\nservices: !!seq [!!map {unit: !!int a.service}]",
      "2:31: services[0].unit: tags (!name) are not allowed; write the value without one", seenBySchema: false),
    .whole("name: a\u{0000}b", "1:8: control character U+0 is not allowed; remove it", seenBySchema: false),
    .whole(
      "name: a\nservices: []\u{0007}", "2:13: control character U+7 is not allowed; remove it", seenBySchema: false),
  ]
}
