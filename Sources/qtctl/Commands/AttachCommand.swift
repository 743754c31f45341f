import ArgumentParser
import Deployment
import Glibc
import HostState
import Presentation
import Remote
import Terminal
import Units

struct AttachCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Follow a command that --host has begun, or show how the last one ended.",
    discussion: """
      A deploy, a rollback and whatever else changes a host goes on there when the connection is lost. This prints what it has \
      printed and prints, and ends with its exit status. Ctrl-C ends only the following.

      """ + ExitStatusHelp.list(ExitStatus.allCases))

  @OptionGroup var global: GlobalOptions

  @Argument(help: "The number of the command (default: the last one that was begun).")
  var number: String?

  mutating func run() async throws {
    guard global.host == nil else { return try await runOnHost() }
    signal(SIGPIPE, SIG_IGN)
    Interruption.process.watch()
    let session = Session(global)
    do {
      let status = try follow(session)
      guard status == 0 else { throw ExitCode(status) }
    } catch let error as ExitCode {
      throw error
    } catch {
      var report = Failure.report("attach", error, session)
      report.seconds = session.console.elapsed
      if global.json {
        session.console.print(json: try report.json())
      } else {
        session.console.note("qtctl: " + report.message, .bad)
      }
      throw ExitCode(report.exit.rawValue)
    }
  }

  func perform(_ session: Session) throws -> CommandResult { CommandResult("attach", .done) }

  private func follow(_ session: Session) throws -> Int32 {
    let run = try RunStore(session.environment.state).find(number)
    session.console.progress("'\(run.command)', begun \(UTC.text(run.began)) by \(run.user)")
    var follower = RunFollower(run, state: session.environment.state)
    let end = try follower.follow(
      show: { kind, bytes in Self.write(bytes, to: kind == .stdout ? STDOUT_FILENO : STDERR_FILENO) },
      isLeft: { Interruption.process.signal != nil })
    switch end {
    case .ended(let ending):
      if let signal = ending.signal { return tell(follower.judge(signal), session) }
      session.console.progress("'\(run.command)' ended with exit \(ending.status)")
      return ending.status
    case .vanished: return tell(follower.judge(nil), session)
    case .left:
      session.console.note("qtctl: left running; to follow it again: qtctl attach \(run.id)")
      return 128 + SIGINT  // trap: a constant
    }
  }

  private func tell(_ found: (status: ExitStatus, sentence: String), _ session: Session) -> Int32 {
    session.console.note("qtctl: " + found.sentence, found.status == .done ? .good : .bad)
    return found.status.rawValue
  }

  private static func write(_ bytes: [UInt8], to file: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
