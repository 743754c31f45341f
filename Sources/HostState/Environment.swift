internal import FileOperations
internal import Glibc

/// What the process's environment says: it overrides the manifest.
package struct Environment: Sendable {
  /// `$QTCTL_MANIFEST`.
  package var manifest: String?
  /// `$QTCTL_BACKUPS`, absolute.
  package var backups: String?
  /// `$QTCTL_REDIS`.
  package var redis: String?
  /// `$QTCTL_STATE`.
  package var state: StateFolder

  /// - Parameter variables: as a process gets them; an empty one counts as absent.
  package init(_ variables: [String: String]) {
    func value(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
    func folder(_ name: String) -> String? {
      value(name).map { Paths.resolve($0, in: variables["PWD"] ?? "/") }
    }
    manifest = value("QTCTL_MANIFEST")
    backups = folder("QTCTL_BACKUPS")
    redis = value("QTCTL_REDIS")
    state = StateFolder(path: folder("QTCTL_STATE") ?? StateFolder.defaultPath)
  }

  /// The environment of this process.
  package static var current: Environment {
    var variables: [String: String] = [:]
    for name in ["QTCTL_MANIFEST", "QTCTL_BACKUPS", "QTCTL_REDIS", "QTCTL_STATE"] {
      variables[name] = getenv(name).map { String(cString: $0) }
    }
    variables["PWD"] = getcwd(nil, 0).map { pointer in
      defer { free(pointer) }
      return String(cString: pointer)
    }
    return Environment(variables)
  }
}
