extension ManifestSample {
  static let badTypes: [ManifestSample] = [
    .root(
      "version: 1.10", "3:10: version: must be text, but unquoted it is a number to YAML; put it in quotes: \"1.10\""),
    .root(
      "version: yes", "3:10: version: must be text, but unquoted it is true or false to YAML; put it in quotes: \"yes\""
    ),
    .root(
      "version: 0x1F", "3:10: version: must be text, but unquoted it is a number to YAML; put it in quotes: \"0x1F\""),
    .root(
      "version: 1:30", "3:10: version: must be text, but unquoted it is a number to YAML; put it in quotes: \"1:30\""),
    .root(
      "version: .5e3", "3:10: version: must be text, but unquoted it is a number to YAML; put it in quotes: \".5e3\"",
      seenBySchema: false),
    .root("version: [a]", "3:10: version: must be text, not a list"),
    .root("version:", "3:9: version: must be text, but it has no value; give it one or remove the key"),
    .root("version: ~", "3:10: version: must be text, but it has no value; give it one or remove the key"),
    .root("version: !!int \"5\"", "3:10: version: tags (!name) are not allowed; write the value without one"),
    .root(
      "version: !mine a", "3:10: version: tags (!name) are not allowed; write the value without one",
      seenBySchema: false),
    .root(
      "backups:",
      "3:9: backups: must be a mapping of keys to values, but it has no value; give it one or remove the key"),
    .root("backups: [a]", "3:10: backups: must be a mapping of keys to values, not a list"),
    .root("verify: text", "3:9: verify: must be a mapping of keys to values, not text"),
    .root("backups: {keep: \"10\"}", "3:17: backups.keep: must be a whole number without quotes, not text"),
    .root("backups: {keep: 0}", "3:17: backups.keep: '0' must be a whole number from 1 to 100000"),
    .root("backups: {keep: -1}", "3:17: backups.keep: '-1' must be a whole number from 1 to 100000"),
    .root("backups: {keep: 1e3}", "3:17: backups.keep: '1e3' must be a whole number from 1 to 100000"),
    .root(
      "backups: {keep: 010}", "3:17: backups.keep: '010' must be a whole number from 1 to 100000", seenBySchema: false),
    .root(
      "backups: {keep: 1_000}", "3:17: backups.keep: '1_000' must be a whole number from 1 to 100000",
      seenBySchema: false),
    .root(
      "backups: {keep: 99999999999999999999}",
      "3:17: backups.keep: '99999999999999999999' must be a whole number from 1 to 100000"),
    .root("backups: {directory: \"\"}", "3:22: backups.directory: '' must not be empty"),
    .root(
      "backups: {directory: 5}",
      "3:22: backups.directory: must be text, but unquoted it is a number to YAML; put it in quotes: \"5\""),
    .file(
      "target: /a, secret: \"true\"",
      "5:26: services[0].files[0].secret: must be true or false, without quotes, not text"),
    .file(
      "target: /a, secret: yes",
      "5:26: services[0].files[0].secret: 'yes' is text to some YAML readers; write true or false",
      seenBySchema: false),
    .file(
      "target: /a, keep: 1", "5:24: services[0].files[0].keep: must be true or false, without quotes, not a number"),
    .whole("name: a\nservices: {unit: a.service}", "2:11: services: must be a list, not a mapping"),
    .whole("name: a\nservices: []", "2:11: services: must have at least one item"),
    .whole("name: a\nservices: [a.service]", "2:12: services[0]: must be a mapping of keys to values, not text"),
    .whole(
      "name: a\nservices:\n-",
      "3:2: services[0]: must be a mapping of keys to values, but it has no value; give it one or remove the key"),
    .whole(
      "name: 5\nservices: [{unit: a.service}]",
      "1:7: name: must be text, but unquoted it is a number to YAML; put it in quotes: \"5\""),
    .whole("- name: a", "1:1: must be a mapping of keys to values, not a list"),
    .whole("text", "1:1: must be a mapping of keys to values, not text"),
    .root("start: order", "3:8: start: 'order' must be one of in-order, together"),
    .root("start: togther", "3:8: start: 'togther' must be one of in-order, together; did you mean 'together'?"),
    .service(
      "unit: a.service, state: up", "3:28: services[0].state: 'up' must be one of running, stopped, as-found"),
    .service(
      "unit: a.service, state: on",
      "3:28: services[0].state: must be text, but unquoted it is true or false to YAML; put it in quotes: \"on\""),
    .verify("stable: 15", "3:18: verify.stable: '15' is not a duration: it has no unit; write 15s for seconds"),
    .verify("stable: [15s]", "3:18: verify.stable: must be a duration, such as 30s, not a list"),
    .verify("commands: [{run: /usr/bin/true}]", "3:27: verify.commands[0].run: must be a list, not text"),
    .verify(
      "commands: [{run: [/usr/bin/sleep, 5]}]",
      "3:44: verify.commands[0].run[1]: must be text, but unquoted it is a number to YAML; put it in quotes: \"5\""),
    .verify("commands: [{run: []}]", "3:27: verify.commands[0].run: must have at least one item"),
  ]

  static let badDurations: [ManifestSample] = [
    .service(
      "unit: a.service, ready: 30 sec",
      "3:28: services[0].ready: '30 sec' is not a duration: write a whole number and one of ms, s, m, h, d, such as 30s"
    ),
    .service("unit: a.service, ready: 0s", "3:28: services[0].ready: must be at least 1ms"),
    .service(
      "unit: a.service, ready: -5s",
      "3:28: services[0].ready: '-5s' is not a duration: write a whole number and a unit, such as 30s"),
    .service(
      "unit: a.service, stop: 25h", "3:27: services[0].stop: '25h' is not a duration: the longest allowed is 24h",
      seenBySchema: false),
    .service(
      "unit: a.service, stop: 1m30s",
      "3:27: services[0].stop: '1m30s' is not a duration: write a whole number and one of ms, s, m, h, d, such as 30s"
    ),
    .root("rollback: {deadline: 999ms}", "3:22: rollback.deadline: must be at least 1s", seenBySchema: false),
  ]

  static let badModes: [ManifestSample] = [
    .file(
      "target: /a, mode: 0755",
      "5:24: services[0].files[0].mode: must be in quotes, or not every YAML reader takes it for octal; write \"0755\""
    ),
    .file(
      "target: /a, mode: 755",
      "5:24: services[0].files[0].mode: must be in quotes, or not every YAML reader takes it for octal; write \"0755\""
    ),
    .file(
      "target: /a, mode: 0o755",
      "5:24: services[0].files[0].mode: '0o755' is not a mode; write three or four octal digits, such as \"0755\""),
    .file(
      "target: /a, mode: \"0888\"",
      "5:24: services[0].files[0].mode: '0888' is not a mode; write three or four octal digits, such as \"0755\""),
    .file(
      "target: /a, mode: \"75\"",
      "5:24: services[0].files[0].mode: '75' is not a mode; write three or four octal digits, such as \"0755\""),
    .file(
      "target: /a, mode: \"00755\"",
      "5:24: services[0].files[0].mode: '00755' is not a mode; write three or four octal digits, such as \"0755\""),
    .file(
      "target: /a, mode: u+x",
      "5:24: services[0].files[0].mode: 'u+x' is not a mode; write three or four octal digits, such as \"0755\""),
    .file(
      "target: /a, mode: -755",
      "5:24: services[0].files[0].mode: '-755' is not a mode; write three or four octal digits, such as \"0755\""),
  ]
}
