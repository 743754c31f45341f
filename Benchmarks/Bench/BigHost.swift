/// A host as one that grew over years: 97 services on one tree of 2,000 Python modules, environments of Python, and files with
/// variables that many units share.
struct BigHost {
  let folder: String
  /// In which what is deployed and the backups are, but for units and variables.
  let host: String
  let services: Int
  let modules: Int

  var units: [String] { (0..<services).map { "bench-big-\($0).service" } }
  func release(_ version: Int) -> String { "\(folder)/release-\(version)" }

  private static let started = "/run/quantum-bench"

  /// Writes two releases, in which one module of the library differs that every service imports, and brings the first up.
  func setUp() throws {
    try Timed.run(["/usr/bin/python3", "-c", Self.script, release(1), "\(services)", "\(modules)", host])
    try Timed.sh(
      #"cp -a "$1" "$2"; echo 'VERSION = "2"' >"$2/app/lib/version.py"; mkdir -p "$3"; chmod 1777 "$3""#, release(1),
      release(2), Self.started)
    try Timed.run(["qtctl", "deploy", release(1), "--quiet"])
    try settle()
  }

  /// Forgets which services have started.
  func forget() throws { try Timed.sh(#"rm -f "$1"/*"#, Self.started) }

  /// Returns when each service has started and imported what it needs, so that no turn pays for the one before.
  func settle() throws {
    try Timed.sh(
      ##"i=0; until [ "$(ls "$1" | wc -l)" = "$2" ]; do i=$((i + 1)); [ "$i" -lt 600 ]; sleep 0.1; done; sleep 1"##,
      Self.started, "\(services)")
  }

  /// Arguments: folder, services, modules, host. Half of the units have the lines of Windows, as on the host that this is made after.
  private static let script = #"""
    import os, random, sys
    folder, services, modules = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    dice, host, environments = random.Random(1), sys.argv[4], 12
    app = host + "/app/tree"

    def write(path, text, end="\n"):
        path = folder + "/" + path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", newline="") as file:
            file.write(text.replace("\n", end))

    write("app/lib/__init__.py", "")
    write("app/lib/version.py", 'VERSION = "1"\n')
    write("app/lib/main.py", """import signal, sys
    from lib.version import VERSION
    def run(unit):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        with open("/run/quantum-bench/" + unit, "w") as file: file.write(VERSION)
        while True: signal.pause()
    """)
    for module in range(modules):
        body = "".join(f"def f{i}(x):\n    return x * {dice.randrange(10**9)}\n" for i in range(dice.randrange(2, 60)))
        write(f"app/services/s{module % 85}/module{module}.py", body)
    for place in range(30):
        os.makedirs(f"{folder}/environments/v{place}/bin")
        os.symlink("/usr/bin/python3", f"{folder}/environments/v{place}/bin/python3")
        write(f"environments/v{place}/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = true\n")
        for package in range(dice.randrange(5, 40)):
            write(f"environments/v{place}/lib/python3/site-packages/p{package}/__init__.py", f"X = {dice.random()}\n")
    for place in range(environments):
        write(f"env/shared{place}.env", f"NAME=shared{place}\n")
    manifest = f"""name: bench-big
    version: "1"
    start: together
    files:
      - {{source: app, target: {app}, exclude: ["/data/", "__pycache__/"]}}
      - {{source: environments, target: {host}/environments/tree}}
      - {{source: env, target: /etc/quantum-bench/big}}
    services:
    """
    for place in range(services):
        unit = f"bench-big-{place}"
        write(f"app/services/s{place % 85}/service{place}.py", f'from lib.main import run\nrun("{unit}")\n')
        python = f"{host}/environments/tree/v{place % 30}/bin/python3" if place % 3 else "/usr/bin/python3"
        program = f"{app}/services/s{place % 85}/service{place}.py" if place % 5 else f"-m services.s{place % 85}.service{place}"
        needs = f"Requires=bench-big-{place - 3}.service\nAfter=bench-big-{place - 3}.service\n" if place % 7 == 3 and place > 3 else ""
        write(f"units/{unit}.service", f"""[Unit]
    {needs}[Service]
    WorkingDirectory={app}
    Environment="PYTHONPATH={app}" PYTHONDONTWRITEBYTECODE=1
    EnvironmentFile=/etc/quantum-bench/big/shared{0 if place < 8 else place % environments}.env
    ExecStart={python} {program}
    Restart=always
    [Install]
    WantedBy=multi-user.target
    """, "\r\n" if place % 2 else "\n")
        manifest += f"  - unit: {unit}.service\n    files: [{{source: units/{unit}.service, target: /etc/systemd/system/{unit}.service}}]\n"
    write("qtctl.yaml", manifest + f"backups: {{directory: {host}/backups/store, keep: 2}}\n" + "verify: {stable: 0s}\n")
    """#
}
