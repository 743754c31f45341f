import ArgumentParser
import Commit
import Deployment
import Presentation
import Releases
import Transactions
import Verification

struct StartCommand: QtctlCommand {
  static let isTransaction = true
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Start services in order, and wait until each is ready.",
    discussion: ServicesHelp.text)
  @OptionGroup var global: GlobalOptions
  @Argument(help: "Units of the manifest (default: all).", completion: Completions.units) var units: [String] = []

  func perform(_ session: Session) async throws -> CommandResult {
    try await session.run("start", units, stop: false, start: true)
  }
}

struct StopCommand: QtctlCommand {
  static let isTransaction = true
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop services in reverse order.", discussion: ServicesHelp.text)
  @OptionGroup var global: GlobalOptions
  @Argument(help: "Units of the manifest (default: all).", completion: Completions.units) var units: [String] = []

  func perform(_ session: Session) async throws -> CommandResult {
    try await session.run("stop", units, stop: true, start: false)
  }
}

struct RestartCommand: QtctlCommand {
  static let isTransaction = true
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Restart services: stop in reverse order, start in order.",
    discussion: ServicesHelp.text)
  @OptionGroup var global: GlobalOptions
  @Argument(help: "Units of the manifest (default: all).", completion: Completions.units) var units: [String] = []

  func perform(_ session: Session) async throws -> CommandResult {
    try await session.run("restart", units, stop: true, start: true)
  }
}

private enum ServicesHelp {
  static let text = ExitStatusHelp.list([.done, .locked, .refused, .unhealthy, .recovered])
}

extension Session {
  fileprivate func run(_ command: String, _ names: [String], stop: Bool, start: Bool) async throws -> CommandResult {
    let lookup = try lookup(units: names)
    let units = try lookup.select(names)
    try await ServiceCommand(try context(), recorder: recorder, lookup: lookup).run(units, stop: stop, start: start)
    var report = CommandResult(command, .done, message: "\(command): \(units.joined(separator: ", "))")
    report.steps = recorder.steps
    return report
  }
}
