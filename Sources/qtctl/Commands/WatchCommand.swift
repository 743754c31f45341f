import ArgumentParser
import Basics
import Deployment
import Presentation
import Releases
import Systemd
import Terminal
import Transactions
import Watching

struct WatchCommand: QtctlCommand {
  static let isTransaction = true
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Keep verifying what runs, and alarm or roll back on a lasting failure.",
    discussion:
      "Verifies, and has systemd verify again and again, also after a reboot: by 'watch' in the manifest, or every "
      + "minute for 2 hours with an alarm in the journal. Shows a watch that is going on, unless --for is given. "
      + "A newer deploy or rollback ends it.\n\n"
      + ExitStatusHelp.list([.done, .locked, .refused, .rolledBack, .unhealthy, .checkFailed]))

  @OptionGroup var global: GlobalOptions

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "How long, at most 31d; begins anew (default: as in the manifest, else 2h).", valueName: "duration"),
    transform: WatchLength.read)
  var length: Duration?

  @Flag(help: "Take one look now, and do what follows from it; what the timer runs.")
  var once = false

  /// What a look finds is in the record; a timer's unit that fails is one that could not look.
  @Flag(name: .customLong("by-timer"), help: .hidden)
  var isScheduled = false

  @Flag(help: "End the watch.")
  var stop = false

  func validate() throws {
    if once && stop || length != nil && (once || stop) {
      throw ValidationError("--for, --once and --stop cannot be used together; use one of them")
    }
  }

  func perform(_ session: Session) async throws -> CommandResult {
    let name = try global.name ?? session.lookup().name
    let watcher = try session.watcher()
    if once {
      var report = CommandResult("watch", try await watcher.look(name))
      if isScheduled { report.exit = .done }
      return report
    }
    if stop {
      let ended = try watcher.stop(name)
      return CommandResult(
        "watch", .done, message: ended.map { "the watch of \($0.name) has ended" } ?? "nothing of '\(name)' is watched")
    }
    if length == nil, let record = try watcher.current(name) { return CommandResult("watch", showing: record) }
    let checks = try await watcher.prove(name)
    guard checks.healthy else {
      var report = CommandResult(
        "watch", .failed, message: "not watched, since it is not healthy now; see the failed checks, then try again")
      (report.checks, report.exit) = (checks, .checkFailed)
      return report
    }
    var report = CommandResult("watch", showing: try watcher.begin(name, for: length, after: checks))
    report.checks = checks
    return report
  }
}

/// How long a watch is: the one duration on the command line that may be more than a day.
enum WatchLength {
  static func read(_ text: String) throws -> Duration {
    let length: Duration
    do {
      length = try Duration(text: text, atMost: Manifest.Watch.longest)
    } catch {
      throw ValidationError("\(error)")
    }
    guard length >= .seconds(1) else { throw ValidationError("'\(text)' is too short for a watch; write at least 1s") }
    return length
  }
}
