extension ManifestSample {
  static let badAddresses: [ManifestSample] = [
    .root(
      "redis: http://127.0.0.1",
      "3:8: redis: must be of the form "
        + "redis://[user:password@]host:port/db or unix:///path?db=0"),
    .root(
      "redis: rediss://127.0.0.1",
      "3:8: redis: TLS (rediss://) is not supported; it must be of the form "
        + "redis://[user:password@]host:port/db or unix:///path?db=0"
    ),
    .root(
      "redis: redis://",
      "3:8: redis: must be of the form "
        + "redis://[user:password@]host:port/db or unix:///path?db=0"),
    .root(
      "redis: unix://relative",
      "3:8: redis: must be of the form "
        + "redis://[user:password@]host:port/db or unix:///path?db=0"),
    .root(
      "redis: redis://a b",
      "3:8: redis: must be of the form "
        + "redis://[user:password@]host:port/db or unix:///path?db=0"),
    .verify(
      "http: [{url: https://127.0.0.1/}]", "3:23: verify.http[0].url: must be http://, since checks do not speak TLS"),
    .verify("http: [{url: 127.0.0.1:80}]", "3:23: verify.http[0].url: must be of the form http://host[:port]/path"),
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
