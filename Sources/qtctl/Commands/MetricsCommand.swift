import ArgumentParser
import Deployment
import HostState
import Presentation
import Status
import Systemd
import Verification

struct MetricsCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Show what is known of this host in Prometheus's text format.",
    discussion: """
      The same, but for the units, is written after each transaction to /var/lib/prometheus/node-exporter/qtctl.prom where
      that folder exists, or to $QTCTL_METRICS (an absolute path that ends with .prom; off: nowhere).

      """ + ExitStatusHelp.list([.done, .refused]))

  @OptionGroup var global: GlobalOptions

  func perform(_ session: Session) throws -> CommandResult {
    var report = CommandResult("metrics", .done)
    report.content = .metrics(
      try HostMetrics(state: session.environment.state, manager: try? ServiceManager()).families())
    return report
  }
}
