/// Section 4 of the design, letter by letter.
let designExample = """
  name: quantum
  version: 1.0.0                  # optional; a release is known by it and by the digest of its content
  services:                       # start order; stopping is the reverse
    - unit: quantum-execution.service
      files:
        - source: ../.build/release/quantum-execution
          target: /usr/local/bin/quantum-execution      # absolute
          mode: "0755"            # default: the source's
          owner: root             # default root
          group: root             # default root
        - source: quantum-execution.env
          target: /etc/quantum/execution.env
          mode: "0640"
          secret: true            # contents are never shown, in no diff and no log
          keep: true              # the host's own: installed only where absent, always backed up
      ready: 30s                  # to become active; default 30s
      stop: 10s                   # grace between SIGTERM and SIGKILL; default 10s
  backups: {directory: ../backups, keep: 10}
  rollback: {deadline: 120s}
  redis: redis://127.0.0.1:6379/0      # redis://[user:password@]host:port/db or unix:///path?db=0; QTCTL_REDIS overrides
  verify:
    stable: 15s                   # how long every unit must stay up, unrestarted
    groups:
      - {stream: "quantum:stream:trade.intent", group: "quantum:group:execution:trade.intent", consumers: 1, pending: 100, lag: 1000}
    duplicates:
      into: quantum:stream:ai.decision.made
      out: quantum:stream:trade.intent
      unit: quantum-ai-strategy-router.service
      log: DUPLICATE_SKIP
      terminal: {unit: quantum-execution.service, log: TERMINAL STATE}
      within: 5s
    commands: [{name: config, run: [/usr/bin/true], within: 10s}]
    http:     [{url: "http://127.0.0.1:8080/health", status: 200, within: 5s}]
    tcp:      [{address: "127.0.0.1:6379", within: 2s}]
    files:    [{log: /var/log/quantum/router.log, unit: quantum-ai-strategy-router.service}]   # a unit that logs to a file
  """

/// Every key that has a default, with another value.
let allChanged = """
  name: shop
  version: "2"
  start: together
  files: [{source: c, target: /c, restarts: [{files: "*", units: [shop.service]}]}, {source: d, target: /d, exclude: ["*.log"], extra: remove}, {link: l, target: /l}]
  services:
    - unit: shop.service
      files: [{source: s, target: /t, mode: "4750", owner: o, group: g, secret: true, keep: true, reload: true}]
      state: as-found
      ready: 1500ms
      stop: 0s
      severity: warn
  backups: {directory: b, keep: 3}
  rollback: {deadline: 1m}
  redis: unix:///r
  hooks:
    prepare: {run: [/p], within: 1m}
    migrate: {run: [./m, up], undo: [./m, down], within: 2m}
    finished: {run: [f/g], within: 3s}
  verify:
    stable: 2h
    groups: [{stream: s, group: g, consumers: 4, pending: 5, lag: 6, severity: warn}]
    deadLetters: [d, {stream: e, severity: warn}]
    duplicates: {probe: {k: "x ${trace_id}"}, into: i, out: o, unit: shop.service, log: D, terminal: {unit: shop.service, log: T}, within: 7s, severity: warn}
    commands: [{name: n, run: [/r], within: 8s, repeat: false, severity: warn}]
    http: [{url: "https://h/", status: 204, body: b, ca: /c, within: 9s, severity: warn}]
    tcp: [{address: "h:1", within: 10s, severity: warn}]
    files: [{log: /l, unit: shop.service}]
  watch: {for: 3d, every: 11s, probe: 12s, failures: 4, on-failure: rollback, alarm: {run: [/a, b], within: 13s}}
  """
