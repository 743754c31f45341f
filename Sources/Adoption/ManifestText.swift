internal import Basics
internal import Deployment

/// The text of the manifest, with what a person should know as comments.
package struct ManifestText {
  private let host: AdoptedHost
  private var lines: [String] = []

  package init(_ host: AdoptedHost) {
    self.host = host
    head()
    files()
    lines.append("services:")
    for unit in host.units { service(unit) }
    redis()
    lines += ["backups:", "  directory: /var/backups/qtctl"]
    verify()
  }

  package var text: String { lines.joined(separator: "\n") + "\n" }

  private mutating func head() {
    comment(
      "What runs on this host, written by 'qtctl adopt'. Comments say what was left out and why: read them, decide, and"
    )
    comment("try it with 'qtctl deploy --dry-run'. Every key is explained in docs/manifest.md.")
    for note in host.notes { comment(note) }
    lines.append("name: \(Self.scalar(host.name))")
    // Many services wait less for each other that way.
    if host.units.count > 10 { lines.append("start: together") }
  }

  private mutating func comment(_ text: String, indent: String = "") {
    lines.append("\(indent)# \(Printable.line(text))")
  }

  private mutating func files() {
    guard !host.files.isEmpty || !host.trees.isEmpty else { return }
    lines.append("files:")
    for tree in host.trees {
      let users = Array(Set(tree.users)).sorted()
      let more = users.count > 4 ? " and \(users.count - 4) more" : ""
      comment("used by \(users.prefix(4).joined(separator: ", "))\(more)", indent: "  ")
      lines.append("  - source: \(Self.scalar(tree.source))")
      lines.append("    target: \(Self.scalar(tree.target))")
      lines.append("    exclude: [\(tree.exclude.map(Self.quoted).joined(separator: ", "))]")
      if tree.isSecret { lines.append("    secret: true") }
    }
    for file in host.files { lines.append("  - \(Self.entry(file))") }
  }

  private mutating func service(_ unit: AdoptedUnit) {
    lines.append("  - unit: \(Self.scalar(unit.unit))")
    for note in unit.notes { comment(note, indent: "    ") }
    if let state = unit.state { lines.append("    state: \(state)") }
    if unit.isLenient { lines.append("    severity: warn") }
    guard !unit.files.isEmpty else { return }
    lines.append("    files:")
    for file in unit.files { lines.append("      - \(Self.entry(file))") }
  }

  private static func entry(_ file: AdoptedFile) -> String {
    var keys: [String] = []
    if let link = file.state.link {
      keys.append("link: \(quoted(link))")
    } else {
      keys.append("source: \(scalar(file.source))")
    }
    keys.append("target: \(scalar(file.target))")
    if file.state.type == .file, let mode = file.state.mode { keys.append("mode: \"\(FileState.octal(mode))\"") }
    if let owner = file.owner { keys.append("owner: \(scalar(owner))") }
    if let group = file.group { keys.append("group: \(scalar(group))") }
    if file.isSecret { keys.append("secret: true") }
    if file.isEnvironment && file.state.type == .file { keys.append("keep: true") }
    return "{\(keys.joined(separator: ", "))}"
  }

  private mutating func verify() {
    lines += ["verify:", "  stable: 15s"]
    let fixed = host.ports.filter { !$0.isEphemeral }
    for port in host.ports where port.isEphemeral {
      comment(
        "\(port.unit) also listens on \(port.address), a port that may be another one after a restart", indent: "  ")
    }
    if !fixed.isEmpty {
      lines.append("  tcp:")
      for port in fixed {
        lines.append("    - {address: \(Self.quoted(port.address))}  # \(Printable.line(port.unit))")
      }
    }
    for port in fixed {
      guard let status = port.status, !(200..<400).contains(status) else { continue }
      comment(
        "\(port.unit) answers \(status) to http://\(port.address)/; name a page that shows its health", indent: "  ")
    }
    let pages = fixed.filter { (200..<400).contains($0.status ?? 0) }
    if !pages.isEmpty { lines.append("  http:") }
    for port in pages {
      lines.append("    - {url: \(Self.quoted("http://\(port.address)/")), status: \(port.status ?? 200)}")
    }
    groups()
  }

  private mutating func redis() {
    guard let redis = host.redis else { return }
    let more = redis.users.count > 4 ? " and \(redis.users.count - 4) more" : ""
    comment("used by \(redis.users.prefix(4).joined(separator: ", "))\(more)")
    let line = "redis: \(Self.quoted(redis.url))"
    guard let doubt = redis.doubt else { return lines.append(line) }
    comment("not checked yet: \(doubt)")
    comment(line)
  }

  private mutating func groups() {
    guard let redis = host.redis, !redis.groups.isEmpty else { return }
    func line(_ group: AdoptedGroup) -> String {
      "- {stream: \(Self.quoted(group.stream)), group: \(Self.quoted(group.group))\(group.isBehind ? ", severity: warn" : "")}"
    }
    let sure = redis.groups.filter { redis.doubt == nil && $0.doubt == nil }
    if !sure.isEmpty { lines.append("  groups:") }
    for group in sure { lines.append("    " + line(group)) }
    for group in redis.groups where !sure.contains(group) {
      comment("not checked yet: \(group.doubt ?? "see redis above")", indent: "  ")
      comment("  " + line(group), indent: "  ")
    }
  }

  /// Plain where every reader takes it for the same text.
  static func scalar(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789/._@-".unicodeScalars.contains(scalar))
    }
    let starts = text.unicodeScalars.first.map { $0 == "/" || $0.properties.isAlphabetic } ?? false
    let words: Set = ["yes", "no", "on", "off", "true", "false", "null", "y", "n"]
    return isPlain && starts && !words.contains(text.lowercased()) ? text : quoted(text)
  }

  /// In double quotes (YAML 1.2, 7.3.1).
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.count < 2 ? "0" + digits : digits)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
