import Basics
import Deployment
import FileOperations
import Glibc
import Systemd
import Units

/// AppArmor or SELinux has refused something to a service, or refused a file that a release installed.
enum Denials: Examination {
  static let id = "access.denied"
  private static let window = 3600
  private static let most = 2000
  /// The end of the log is read.
  private static let mostBytes = 1 << 20

  static func findings(on host: HostView) throws -> [Finding] {
    let since = Int(time(nil)) - window
    var lines = audit(host, since: since)
    // Without auditd, the kernel's messages are in the journal.
    let query = JournalQuery(
      boot: .all, fields: ["_TRANSPORT": ["audit", "kernel"]], since: Int64(since) * 1_000_000)
    lines += ((try? JournalReader().entries(query, limit: 100_000)) ?? []).map(\.message).filter(Denial.isOne)
    return findings(lines.suffix(most).compactMap(Denial.init), host)
  }

  /// Lines of the audit log about what was refused since then.
  private static func audit(_ host: HostView, since: Int) -> [String] {
    guard let bytes = try? Files.read(host.root + "/var/log/audit/audit.log") else { return [] }
    return bytes.suffix(mostBytes).split(separator: UInt8(ascii: "\n")).compactMap { line in
      let text = String(decoding: line, as: UTF8.self)
      guard Denial.isOne(text), let seconds = Denial.seconds(text), seconds >= since else { return nil }
      return text
    }
  }

  /// One for each service or file, with what was refused last.
  static func findings(_ denials: [Denial], _ host: HostView) -> [Finding] {
    guard !denials.isEmpty else { return [] }
    var processes: [Int32: String] = [:]
    for service in host.services {
      guard let group = service.controlGroup, !group.isEmpty else { continue }
      for process in ProcessPaths().processes(group: group) { processes[process] = service.unit }
    }
    var found: [String: (count: Int, last: Denial)] = [:]
    for denial in denials {
      let unit = denial.process.flatMap { processes[$0] } ?? service(under: denial.profile, host)
      let file = denial.path.flatMap { host.files[$0] == nil ? nil : $0 }
      // What is refused to others is no fault of a service.
      guard let subject = unit ?? file else { continue }
      found[subject] = ((found[subject]?.count ?? 0) + 1, denial)
    }
    return found.sorted { $0.key < $1.key }.map { subject, denials in
      let what = denials.last.path.map { " of '\($0)'" } ?? ""
      let times = denials.count == 1 ? "once" : "\(denials.count) times"
      return Finding(
        subject,
        "\(denials.last.module.rawValue) refused '\(denials.last.operation)'\(what) and the like \(times) in the last hour",
        fix: denials.last.fix)
    }
  }

  /// A profile is mostly named as the program is.
  private static func service(under profile: String?, _ host: HostView) -> String? {
    guard let profile else { return nil }
    return host.services.first { service in
      service.execStart.contains { $0.path == profile || Paths.of($0.path) == profile }
    }?.unit
  }
}

/// What a security module refused, from a line of the kernel.
struct Denial: Hashable {
  enum Module: String {
    case appArmor = "AppArmor"
    case selinux = "SELinux"
  }

  var module: Module
  var operation: String
  var path: String?
  var profile: String?
  var process: Int32?

  static func isOne(_ line: String) -> Bool { line.contains("apparmor=\"DENIED\"") || line.contains("avc:  denied") }

  /// When it was written: `audit(1700000000.123:45)`.
  static func seconds(_ line: String) -> Int? {
    line.firstRange(of: "audit(").flatMap { Int(line[$0.upperBound...].prefix { $0.isASCII && $0.isNumber }) }
  }

  /// - Returns: `nil` where the line is about something else.
  init?(_ line: String) {
    if line.contains("apparmor=\"DENIED\"") {
      module = .appArmor
      operation = Self.value("operation", line) ?? "?"
      profile = Self.value("profile", line)
      path = Self.value("name", line)
    } else if let denied = line.firstRange(of: "avc:  denied  {") {
      module = .selinux
      operation = line[denied.upperBound...].prefix { $0 != "}" }.split(separator: " ").joined(separator: " ")
      path = Self.value("path", line)
    } else {
      return nil
    }
    process = Self.value("pid", line).flatMap { Int32($0) }
  }

  /// The command that lets it, once a person agrees.
  var fix: String {
    switch module {
    case .appArmor: return "aa-logprof"
    case .selinux: return path.map { "restorecon -v \(HostView.quoted($0))" } ?? "ausearch -m avc -ts recent"
    }
  }

  /// Of `name="…"` or `name=…`; in hex where it has odd bytes. Only what can be shown on a line.
  private static func value(_ name: String, _ line: String) -> String? {
    guard let start = line.firstRange(of: " \(name)=") else { return nil }
    let rest = line[start.upperBound...]
    let isQuoted = rest.first == "\""
    let value = String((isQuoted ? rest.dropFirst() : rest).prefix { $0 != (isQuoted ? "\"" : " ") })
    guard !value.isEmpty, value.utf8.count <= 4096, Printable.line(value) == value else { return nil }
    return value
  }
}
