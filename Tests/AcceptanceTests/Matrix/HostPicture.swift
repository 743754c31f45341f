import TestSupport

/// All that the releases of a matrix may change on a host: each file with its metadata and content, and the services.
struct HostPicture: Sendable {
  /// Files: path, type, mode, owner, time, content. Services: name, what they are, whether they run.
  private let lines: Set<String>

  /// - Parameter host: what else than the two services is looked at.
  init(of site: Site, _ host: MatrixRelease.Host = .plain) async throws {
    let text = try await site.sh(
      """
      find \(MatrixRelease.places) -type d -printf '%p %y %m %U %G\\n' -o -type l -printf '%p %y %l\\n'
      find \(MatrixRelease.places) -type f -printf '%p %m %U %G time %T+\\n'
      find \(MatrixRelease.places) -type f -exec sha256sum {} +
      for unit in \(host.units); do
        echo "$unit" $(systemctl show -P Description -P ActiveState -P NeedDaemonReload -P UnitFileState $unit)
      done
      for seen in /run/matrix/*; do [ ! -e "$seen" ] || echo "$seen" $(cat "$seen"); done
      """)
    lines = Set(text.split(separator: "\n").map(String.init))
  }

  /// - Parameter times: whether the files' times count; what is put back has its old one, what is installed a new one.
  func isSame(as other: HostPicture, times: Bool) -> Bool {
    times ? lines == other.lines : Self.timeless(lines) == Self.timeless(other.lines)
  }

  func differences(to other: HostPicture) -> String {
    "missing \(other.lines.subtracting(lines).sorted()), instead \(lines.subtracting(other.lines).sorted())"
  }

  private static func timeless(_ lines: Set<String>) -> Set<String> {
    Set(lines.map { line in line.ranges(of: "time ").last.map { String(line[..<$0.lowerBound]) } ?? line })
  }
}
