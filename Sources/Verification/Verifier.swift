internal import Basics
public import Deployment

/// Runs the checks of a subject, side by side where they can be, and reports each as soon as it is known.
///
/// It never throws: what cannot be looked at is a failed check that says why. It ends in bounded time whatever hangs.
/// It changes nothing but that, with `Options.probe`, it writes probes to the stream that the manifest names.
public struct Verifier: Sendable {
  let subject: Subject
  let options: Options

  public init(subject: Subject, options: Options = Options()) {
    self.subject = subject
    self.options = options
  }

  /// Runs every check once.
  ///
  /// - Parameter progress: called for each result as it comes, one at a time.
  /// - Returns: all results, in the order of the contract and of the manifest.
  public func run(progress: (CheckResult) -> Void = { _ in }) async -> [CheckResult] {
    let window = Window(length: options.stable ?? subject.verify.stable)
    let (stream, continuation) = AsyncStream<CheckResult>.makeStream()
    let report = Report { continuation.yield($0) }
    async let work: Void = {
      await checkAll(report, window)
      continuation.finish()
    }()
    var results: [CheckResult] = []
    for await result in stream {
      results.append(result)
      if result.status == .fail { window.end(because: "\(result.id) of \(result.subject) failed") }
      progress(result)
    }
    await work
    return Catalogue.ordered(results, subjects: subjects)
  }

  private func checkAll(_ report: Report, _ window: Window) async {
    let began = report.started()
    // To read and digest the files takes the longest, so that begins first.
    let files = Task { [targets = subject.files.map(\.target)] in
      await BlockingThread.run { FileSet.look(at: targets) }
    }
    let units = await BlockingThread.run { [names = watchedUnits] in UnitView.look(at: names) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await checkUnits(units, began, window) }
      group.addTask { await checkFiles(await files.value, units, began) }
      group.addTask { await checkRedis(units, report.started(), window) }
      for command in subject.verify.commands {
        let report = report.started()
        group.addTask { report(CommandExit.judge(command, await CommandRun.look(at: command))) }
      }
      for request in subject.verify.http {
        let report = report.started()
        group.addTask { report(HTTPStatus.judge(request, await look(at: request))) }
      }
      for address in subject.verify.tcp {
        let report = report.started()
        group.addTask { report(TCPOpen.judge(address, await look(at: address))) }
      }
    }
  }
}
