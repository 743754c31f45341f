internal import Deployment
internal import FileOperations
package import HostState

/// The text file that node_exporter's textfile collector reads. Written after each transaction where that folder exists,
/// or to `$QTCTL_METRICS`.
package struct MetricsFile {
  /// As Debian's prometheus-node-exporter has it.
  package static let defaultPath = "/var/lib/prometheus/node-exporter/qtctl.prom"

  /// `nil`: none is written.
  package let path: String?

  package init(_ environment: Environment) {
    switch environment.metrics {
    case "off": path = nil
    case let named?: path = named
    case nil: path = Files.exists(Files.parent(of: Self.defaultPath)) ? Self.defaultPath : nil
    }
  }

  /// Replaces the file in one rename. The folder may belong to another user: nothing outside of it is touched, whatever
  /// lies in it.
  package func write(_ families: [MetricFamily]) throws {
    guard let path else { return }
    guard path.hasPrefix("/"), path.hasSuffix(".prom") else {
      throw Refusal(["QTCTL_METRICS '\(path)' is not the absolute path of a .prom file; correct it, or set it to off"])
    }
    let file = try FileLocation(shared: path)
    let bytes = Array(families.prometheusText.utf8)
    try file.staged.create(mode: 0o644, syncs: false) { descriptor in
      try bytes.withUnsafeBytes { try Files.writeAll($0, to: descriptor, path: file.staged.path) }
    }
    try file.staged.rename(to: file.name)
  }
}
