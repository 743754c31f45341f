internal import Basics
internal import Deployment

extension ManifestReading<String> {
  /// The name of the group of services. It becomes part of file names, so it is a plain word.
  static var name: Self {
    text { name in
      let scalars = name.unicodeScalars
      let fits = scalars.first?.isLetterOrDigit == true && scalars.count <= 64
      return fits && scalars.allSatisfy { $0.isLetterOrDigit || "_.-".unicodeScalars.contains($0) }
        ? nil : "must be 1 to 64 letters, digits, '_', '.', '-', the first a letter or digit"
    }
  }

  /// A user or a group by name. Numbers are refused as systemd refuses them: a name of digits could be either.
  static var account: Self {
    text { name in
      let scalars = name.unicodeScalars
      let letterFirst = scalars.first.map { $0.isLetterOrDigit && !("0"..."9").contains($0) || $0 == "_" } ?? false
      return letterFirst && scalars.count <= 32
        && scalars.allSatisfy { $0.isLetterOrDigit || "_.-".unicodeScalars.contains($0) }
        ? nil : "must be a name of 1 to 32 letters, digits, '_', '.', '-', the first no digit"
    }
  }

  /// Text that fits in one line of a log: not empty, no control characters.
  static func line(atMost longest: Int = 512) -> Self {
    text { line in
      if line.isEmpty { return "must not be empty" }
      if line.unicodeScalars.contains(where: \.isControl) { return "must be one line without control characters" }
      return line.unicodeScalars.count <= longest ? nil : "must be at most \(longest) characters long"
    }
  }

  /// One argument of a program: anything but a NUL, which would end it.
  static var argument: Self {
    text { $0.unicodeScalars.contains("\0") ? "must not contain a NUL" : nil }
  }

  /// The full name of a systemd unit that can be started. Source: systemd.unit(5), "DESCRIPTION": at most 255
  /// characters, ASCII letters, digits and `:-_.\@`, one of the known suffixes; the part before an `@` and the instance
  /// behind it are not empty (a template cannot be started).
  static var unit: Self {
    text { unit in
      guard let dot = unit.lastIndex(of: "."), unitSuffixes.contains(String(unit[unit.index(after: dot)...])) else {
        return "must end in the type of a unit, such as .service"
      }
      let prefix = unit[..<dot].unicodeScalars
      if prefix.isEmpty { return "must have a name before its type" }
      if unit.utf8.count > 255 { return "must be at most 255 characters long" }
      if prefix.contains("/") { return "must be the name of a unit, not a path" }
      if !prefix.allSatisfy({ $0.isLetterOrDigit || ":-_.\\@".unicodeScalars.contains($0) }) {
        return "must consist of ASCII letters, digits and : - _ . \\ @"
      }
      if prefix.first == "@" { return "must have a name before the '@'" }
      return prefix.last == "@" ? "is a template; name an instance, such as '\(unit[..<dot])1\(unit[dot...])'" : nil
    }
  }

  /// A unit that a check names. It is looked for among the services once all of these are read.
  static var unitReference: Self {
    Self { node in
      guard let unit = unit.read(node) else { return nil }
      node.findings.refer(to: unit, from: node)
      return unit
    }
  }

  /// A unit that must be one of the services.
  static var member: Self {
    Self { node in
      guard let unit = unit.read(node) else { return nil }
      node.findings.refer(to: unit, from: node, mustBeService: true)
      return unit
    }
  }

  private static var unitSuffixes: [String] {
    [
      "service", "socket", "target", "timer", "path", "mount", "automount", "swap", "slice",
      "scope", "device",
    ]
  }
}

extension Unicode.Scalar {
  /// ASCII alone.
  var isLetterOrDigit: Bool {
    ("a"..."z").contains(self) || ("A"..."Z").contains(self) || ("0"..."9").contains(self)
  }
}

extension ManifestReading<String> {
  /// Where a file goes: absolute and spelled in one way only, so that two targets are the same file only if they are
  /// the same text. Control characters are refused: `restore.sh` and `SHA256SUMS` are read line by line.
  static var target: Self {
    text { path in
      guard path.hasPrefix("/") else { return "must be an absolute path" }
      if let complaint = pathComplaint(path) { return complaint }
      for component in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
        if component.isEmpty { return "must not end in '/' or contain '//'" }
        if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) {
          return "must not contain '.' or '..'; write the path it means"
        }
        if component.count > 255 { return "has a component of more than 255 bytes" }
      }
      return nil
    }
    .path
  }

  /// A file of the release: relative to the manifest's folder, or absolute.
  static var source: Self {
    text { path in
      pathComplaint(path) ?? (path.utf8.last == UInt8(ascii: "/") ? "must not end in '/'" : nil)
    }
    .path
  }

  /// Where a symlink leads: any path.
  static var link: Self { text(pathComplaint).path }

  /// A folder: relative to the manifest's, or absolute.
  static var directory: Self { text(pathComplaint).path }

  /// As names are spelled that the host says.
  private var path: Self { Self { read($0).map(FileName.text) } }

  /// What no path may be. Source: `PATH_MAX` of Linux is 4096 bytes with the NUL.
  private static func pathComplaint(_ path: String) -> String? {
    if path.isEmpty { return "must not be empty" }
    let isPlain = path.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    if !isPlain, path.unicodeScalars.contains(where: \.isControl) { return "must not contain control characters" }
    return path.utf8.count <= 4095 ? nil : "must be at most 4095 bytes long"
  }
}

extension ManifestReading<[String]> {
  /// A program by its absolute path, and its arguments. It is run as written: no shell, no search in `PATH`.
  static var program: Self {
    let arguments = list(of: .argument, atLeast: 1)
    return Self { node in
      guard let run = arguments.read(node) else { return nil }
      if let program = run.first, program.hasPrefix("/"), !program.hasSuffix("/") { return run }
      node.complain("must start with the absolute path of a program; no shell is used")
      return nil
    }
  }
}
