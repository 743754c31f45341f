extension ManifestReading<String> {
  /// Where a file goes: absolute and in its one spelling, so that two targets are the same file only if they are the
  /// same text. Control characters are refused: `restore.sh` and `SHA256SUMS` are read line by line.
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
  }

  /// A file of the release: relative to the manifest's folder, or absolute.
  static var source: Self {
    text { path in
      pathComplaint(path) ?? (path.utf8.last == UInt8(ascii: "/") ? "must be a file, not a folder" : nil)
    }
  }

  /// A folder: relative to the manifest's, or absolute.
  static var directory: Self { text(pathComplaint) }

  /// What no path may be. Source: `PATH_MAX` of Linux is 4096 bytes with the NUL.
  private static func pathComplaint(_ path: String) -> String? {
    if path.isEmpty { return "must not be empty" }
    if path.unicodeScalars.contains(where: \.isControl) { return "must not contain control characters" }
    return path.utf8.count <= 4095 ? nil : "must be at most 4095 bytes long"
  }
}

extension ManifestReading<[String]> {
  /// A program by its absolute path, and its arguments. It is run as it stands: no shell, no search in `PATH`.
  static var program: Self {
    let arguments = list(of: .argument, atLeast: 1)
    return Self { node in
      guard let run = arguments.read(node) else { return nil }
      if let program = run.first, program.hasPrefix("/"), !program.hasSuffix("/") { return run }
      node.complain("must begin with the absolute path of a program; no shell stands between")
      return nil
    }
  }
}
