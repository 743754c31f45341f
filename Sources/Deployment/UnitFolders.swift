/// Where unit files are (systemd.unit(5), "Unit File Load Path"). Every list of these folders is made from this one.
package enum UnitFolders {
  /// The administrator's own.
  package static let administrator = [etc, local]
  private static let etc = "/etc/systemd/system"
  private static let local = "/usr/local/lib/systemd/system"
  /// For one boot.
  package static let runtime = "/run/systemd/system"
  /// The packages' own: one and the same folder where `/lib` is a symlink.
  package static let vendor = ["/lib/systemd/system", "/usr/lib/systemd/system"]

  /// Where somebody puts unit files.
  package static let all = administrator + [runtime] + vendor

  /// Where systemd 252 looks, best first: also where only itself and its generators write.
  package static let searched =
    [
      "/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
      "/run/systemd/generator.early", etc, "/etc/systemd/system.attached", runtime,
      "/run/systemd/system.attached", "/run/systemd/generator", local,
    ] + vendor + ["/run/systemd/generator.late"]

  /// The types of units that a file makes, as a file's name ends.
  package static let types: Set<Substring> = [
    "service", "socket", "timer", "path", "target", "mount", "automount", "slice", "swap",
  ]

  /// Whether systemd reads the file at that path as (part of) a unit.
  package static func contain(_ path: String) -> Bool { inside.contains(where: path.hasPrefix) }
  private static let inside = all.map { $0 + "/" }

  /// The unit whose file is at that path, in one of these folders itself; `nil` where it is none, and for a template, which
  /// belongs to its instances.
  package static func unit(ofFile path: String, in folders: [String] = all) -> String? {
    // Most paths of a plan are not in these folders.
    guard folders.contains(where: path.hasPrefix), let slash = path.lastIndex(of: "/"),
      folders.contains(String(path[..<slash]))
    else { return nil }
    let name = path[path.index(after: slash)...]
    guard !name.contains("@."), let type = name.split(separator: ".").last, types.contains(type) else { return nil }
    return String(name)
  }
}
