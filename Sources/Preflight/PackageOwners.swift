internal import FileOperations

/// Which Debian package each path belongs to, by dpkg's word.
package struct PackageOwners: Sendable {
  private var owners: [String: String] = [:]

  /// Paths asked for in one call.
  private static let most = 500

  /// On a host without dpkg nothing belongs to a package.
  ///
  /// - Parameter lists: where dpkg keeps its lists. It is asked only where one of them names a path: it takes a tenth of
  ///   a second to read them.
  package init(of paths: Set<String>, lists: PackageLists = PackageLists()) async {
    let spellings = Set(paths.flatMap(Self.spellings)).sorted()
    guard lists.mayName(anyOf: spellings) else { return }
    var rest = spellings[...]
    while !rest.isEmpty {
      let part = Array(rest.prefix(Self.most))
      rest = rest.dropFirst(part.count)
      // It exits with 1 where one of them belongs to no package.
      guard
        let answer = await HelperProgram.run(["/usr/bin/dpkg-query", "--search", "--"] + part, within: .seconds(30))
      else { continue }
      read(String(decoding: answer.output, as: UTF8.self))
    }
  }

  package init(answer: String) { read(answer) }

  /// `nil`: none.
  package subscript(path: String) -> String? {
    Self.spellings(path).lazy.compactMap { owners[$0] }.first
  }

  /// Lines such as `redis-server: /etc/redis/redis.conf`, with several packages separated by commas.
  private mutating func read(_ text: String) {
    for line in text.split(separator: "\n") where !line.hasPrefix("diversion by ") {
      guard let mark = line.firstRange(of: ": /") else { continue }
      let path = line[line.index(after: line.index(after: mark.lowerBound))...]
      owners[String(path)] = line[..<mark.lowerBound].split(separator: ":").first.map(String.init)
    }
  }

  /// Packages of before the merge of /usr name their files without it. dpkg would take a pattern for one.
  private static func spellings(_ path: String) -> [String] {
    guard !path.contains(where: { "*?[\\".contains($0) }) else { return [] }
    let merged = ["/bin/", "/sbin/", "/lib/", "/lib64/"]
    if merged.contains(where: path.hasPrefix) { return [path, "/usr" + path] }
    return path.hasPrefix("/usr/") ? [path, String(path.dropFirst(4))] : [path]
  }
}
