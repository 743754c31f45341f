extension ManifestSample {
  static let badKeys: [ManifestSample] = [
    .root("verfy: {}", "3:1: unknown key 'verfy'; did you mean 'verify'?"),
    .root(
      "colour: red",
      "3:1: unknown key 'colour'; the known keys are name, version, start, files, services, backups, rollback, redis, hooks, verify, watch"
    ),
    .service("unit: a.service, reddy: 30s", "3:21: services[0]: unknown key 'reddy'; did you mean 'ready'?"),
    .service("ready: 30s", "3:3: services[0]: key 'unit' is missing"),
    .service(
      "unti: a.service", "3:3: services[0]: key 'unit' is missing",
      "3:4: services[0]: unknown key 'unti'; did you mean 'unit'?"),
    .file("Target: /a, target: /a", "5:6: services[0].files[0]: unknown key 'Target'; did you mean 'target'?"),
    .file("source: a", "5:5: services[0].files[0]: key 'target' is missing"),
    .whole("services: [{unit: a.service}]", "1:1: key 'name' is missing"),
    .whole("name: a", "1:1: key 'services' is missing"),
    .root(
      "1: 2",
      "3:1: unknown key '1'; the known keys are name, version, start, files, services, backups, rollback, redis, hooks, verify, watch"
    ),
    .root("? [a]\n: b", "3:3: must be a plain word as key, not a list"),
    .root(
      "files: [{target: /c, restarts: [{units: [shop.service]}]}]",
      "3:33: files[0].restarts[0]: key 'files' is missing"),
    .root(
      "files: [{target: /c, restarts: [{files: a, units: [far.service, shp.service]}]}]",
      "3:52: files[0].restarts[0].units[0]: 'far.service' is not one of the services; add it to them or name another one",
      "3:65: files[0].restarts[0].units[1]: 'shp.service' is not one of the services; did you mean 'shop.service'?",
      seenBySchema: false),
    .file(
      "target: /a, restarts: []",
      "5:18: services[0].files[0]: unknown key 'restarts'; the known keys are source, link, target, mode, owner, group, secret, "
        + "keep, unsafe, exclude, extra, reload"),
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

extension ManifestSample {
  static let badAddresses: [ManifestSample] = [
    .root(
      "redis: http://127.0.0.1",
      "3:8: redis: must be redis://[user:password@]host:port/db, unix:///path?db=0 "
        + "or redis+sentinel://host:port,host:port/name/db"),
    .root(
      "redis: rediss://127.0.0.1",
      "3:8: redis: TLS (rediss://) is not supported; it must be "
        + "redis://[user:password@]host:port/db, unix:///path?db=0 or redis+sentinel://host:port,host:port/name/db"
    ),
    .root(
      "redis: redis://",
      "3:8: redis: must be redis://[user:password@]host:port/db, unix:///path?db=0 "
        + "or redis+sentinel://host:port,host:port/name/db"),
    .root(
      "redis: unix://relative",
      "3:8: redis: must be redis://[user:password@]host:port/db, unix:///path?db=0 "
        + "or redis+sentinel://host:port,host:port/name/db"),
    .root(
      "redis: redis://a b",
      "3:8: redis: must be redis://[user:password@]host:port/db, unix:///path?db=0 "
        + "or redis+sentinel://host:port,host:port/name/db"),
    .verify(
      "http: [{url: \"http://a/\", ca: /c}]",
      "3:40: verify.http[0].ca: is only read for a 'url' that begins with https://; remove it or change 'url'",
      seenBySchema: false),
    .verify("http: [{url: \"http://a/\", body: \"\"}]", "3:42: verify.http[0].body: '' must not be empty"),
    .verify("http: [{url: \"https://a/\", ca: c}]", "3:41: verify.http[0].ca: 'c' must be an absolute path"),
    .verify(
      "tcp: [{address: \"h:1\", severity: low}]", "3:43: verify.tcp[0].severity: 'low' must be one of fail, warn"),
    .verify(
      "http: [{url: 127.0.0.1:80}]",
      "3:23: verify.http[0].url: must be of the form http://host[:port]/path or https://host[:port]/path"),
    .verify(
      "http: [{url: \"http://\"}]",
      "3:23: verify.http[0].url: must have a host: a name, an IPv4 address or an IPv6 address in brackets"),
    .verify(
      "http: [{url: \"http:///health\"}]",
      "3:23: verify.http[0].url: must have a host: a name, an IPv4 address or an IPv6 address in brackets"),
    .verify("http: [{url: \"http://me:pw@h/\"}]", "3:23: verify.http[0].url: must not hold a user or password"),
    .verify("http: [{url: \"http://h:0/\"}]", "3:23: verify.http[0].url: must have a port from 1 to 65535"),
    .verify(
      "http: [{url: \"http://h:70000/\"}]", "3:23: verify.http[0].url: must have a port from 1 to 65535",
      seenBySchema: false),
    .verify("http: [{url: \"http://h:x/\"}]", "3:23: verify.http[0].url: must have a port from 1 to 65535"),
    .verify(
      "http: [{url: \"http://h/a b\"}]",
      "3:23: verify.http[0].url: must have a path of printable ASCII without spaces and without '#'"),
    .verify(
      "http: [{url: \"http://h/#a\"}]",
      "3:23: verify.http[0].url: must have a path of printable ASCII without spaces and without '#'"),
    .verify(
      "http: [{url: \"http://h?a\"}]",
      "3:23: verify.http[0].url: must have a host: a name, an IPv4 address or an IPv6 address in brackets"),
    .verify(
      "http: [{url: \"http://::1/\"}]",
      "3:23: verify.http[0].url: must have an IPv6 address in brackets, as in [::1]:8080"),
    .verify(
      "http: [{url: \"http://[::g]/\"}]", "3:23: verify.http[0].url: must have an IPv6 address between '[' and ']'"),
    .verify(
      "http: [{url: \"http://h/\", status: 99}]",
      "3:44: verify.http[0].status: '99' must be a whole number from 100 to 599"),
    .verify(
      "http: [{url: \"http://h/\", status: 200.0}]",
      "3:44: verify.http[0].status: '200.0' must be a whole number from 100 to 599"),
    .verify("tcp: [{address: localhost}]", "3:26: verify.tcp[0].address: 'localhost' must be of the form host:port"),
    .verify(
      "tcp: [{address: \":80\"}]",
      "3:26: verify.tcp[0].address: ':80' must have a host: a name, an IPv4 address or an IPv6 address in brackets"),
    .verify("tcp: [{address: \"h:\"}]", "3:26: verify.tcp[0].address: 'h:' must have a port from 1 to 65535"),
    .verify(
      "tcp: [{address: \"h:65536\"}]", "3:26: verify.tcp[0].address: 'h:65536' must have a port from 1 to 65535",
      seenBySchema: false),
    .verify("tcp: [{address: \"h:080\"}]", "3:26: verify.tcp[0].address: 'h:080' must have a port from 1 to 65535"),
    .verify(
      "tcp: [{address: \"::1:80\"}]",
      "3:26: verify.tcp[0].address: '::1:80' must have an IPv6 address in brackets, as in [::1]:8080"),
    .verify(
      "tcp: [{address: \"-h:80\"}]",
      "3:26: verify.tcp[0].address: '-h:80' must have a host: a name, an IPv4 address or an IPv6 address in brackets"),
  ]
}
