internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc
internal import Systemd

/// Puts this very program on a host that has none, or another version: into /usr/local/bin, with the unit that recovers an
/// interrupted transaction at boot. What a package of the host brings is left to the package.
struct QtctlInstaller {
  /// Reads a digest and a program. Whole and able to run there, or not at all.
  private static let script = """
    exec /bin/sh -c 'set -u; PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH; umask 022; s=; \
    [ "$(id -u)" = 0 ] || s="sudo -n --"; \
    [ ! -e /usr/bin/qtctl ] || { [ -e /usr/local/bin/qtctl ] && echo "qtctl-host hidden" || echo "qtctl-host packaged"; exit 1; }; \
    $s true || { echo "qtctl-host rights $(id -un)"; exit 1; }; \
    read -r digest || exit 1; $s mkdir -p /usr/local/bin; \
    t=$($s mktemp /usr/local/bin/.qtctl-XXXXXXXX) || { echo "qtctl-host unwritten"; exit 1; }; \
    fail() { $s rm -f "$t"; echo "qtctl-host $1"; exit 1; }; \
    $s tee "$t" >/dev/null || fail unwritten; \
    echo "$digest  $t" | $s sha256sum -c - >/dev/null 2>&1 || fail torn; \
    $s chmod 755 "$t" || fail unwritten; "$t" --version >/dev/null || fail unable; \
    $s "$t" serve --set-up >/dev/null || fail unwritten; \
    $s mv -f "$t" /usr/local/bin/qtctl || fail unwritten; echo "qtctl-host installed"'
    """
  /// So many milliseconds nothing of it is taken, or answered, where the connection has gone silent.
  private static let patience: Int32 = 60_000
  private static let unit = "/usr/local/lib/systemd/system/qtctl-recover.service"

  private let host: RemoteHost
  private let tell: @Sendable (String) -> Void
  private let complain: @Sendable (String) -> Void

  init(_ host: RemoteHost, tell: @escaping @Sendable (String) -> Void, complain: @escaping @Sendable (String) -> Void) {
    self.host = host
    self.tell = tell
    self.complain = complain
  }

  /// - Throws: `RemoteError` where it is not installed; the host is as before then.
  func run() throws {
    guard let program = Program.path else { throw failed("the file of this program is gone") }
    tell("installing qtctl \(Program.version) on '\(host)' as /usr/local/bin/qtctl")
    let digest = try Digest.file(program)
    let ssh = try SSHConnection(host, Self.script, show: complain)
    defer { ssh.close() }
    do {
      try ssh.process.writeAll(Array("\(digest)\n".utf8), within: Self.patience)
      try Files.forEachChunk(of: program) { try ssh.process.writeAll(Array($0), within: Self.patience) }
    } catch let error as FileError where error.path == "connection" {
      // What is wrong is told below.
    }
    ssh.process.closeInput()
    var answer: [UInt8] = []
    while answer.count < 1 << 16,
      !PipedProcess.readable([ssh.process.output], within: Self.patience).isEmpty,
      let bytes = PipedProcess.bytes(of: ssh.process.output)
    { answer += bytes }
    let words =
      String(decoding: answer, as: UTF8.self).split(whereSeparator: \.isNewline)
      .filter { $0.hasPrefix("qtctl-host ") }.last?.split(separator: " ").dropFirst().map(String.init) ?? []
    guard words.first != "installed" else { return }
    throw failed(Self.why(words, ssh.lastLines))
  }

  private static func why(_ words: [String], _ lines: [String]) -> String {
    let told = lines.last.map { ": \($0)" } ?? ""
    return switch words.first {
    case "packaged":
      "/usr/bin/qtctl is of a package there; upgrade the package, or remove it"
    case "hidden":
      "/usr/bin/qtctl is of a package there, and '/usr/local/bin/qtctl' hides it; as root there: rm /usr/local/bin/qtctl "
        + "\(unit) && systemctl daemon-reload"
    case "rights":
      "'\(Printable.line(words.dropFirst().first ?? ""))' may not do that by sudo without a password\(told); use root@, or "
        + "install the package as root"
    case "unable": "this program does not run there\(told); install the package for that system"
    case "torn", "unwritten":
      "it could not be written\(told); see that /usr/local/bin can be written and the disk is not full"
    default: "the connection ended\(told); see that 'ssh HOST true' works"
    }
  }

  private func failed(_ why: String) -> RemoteError {
    .unreachable("qtctl could not be installed on '\(host)': \(why)")
  }

  /// On the host: the unit of the boot.
  static func setUp() throws {
    let text = PackageResources.qtctl_recover_service
    let wanted = Files.parent(of: unit) + "/basic.target.wants"
    try Files.makeFolders(wanted, mode: 0o755)
    try Files.replace(unit, with: text, mode: 0o644)
    let link = wanted + "/qtctl-recover.service"
    try Files.removeIfPresent(link)
    try Files.check("make link", link) { Int(symlink("../qtctl-recover.service", link)) }
    try ServiceManager().daemonReload()
  }
}

extension CallServer {
  /// What `--install-qtctl` sets up beside the program.
  package static func setUp() throws { try QtctlInstaller.setUp() }
}
