internal import Basics
internal import Deployment

extension Verifier {
  /// Every subject in the order of the manifest, for the order of the report.
  var subjects: [String] {
    subject.units + subject.files.map(\.target) + subject.verify.groups.flatMap { [$0.stream, $0.group] }
      + subject.verify.deadLetters + subject.verify.commands.map(\.name) + subject.verify.http.map(\.url)
      + subject.verify.tcp.map(\.address)
  }

  /// The units of the manifest, and those of its duplicate proof should they not be among them.
  var watchedUnits: [String] {
    let proof = subject.verify.duplicates
    return (subject.units + [proof?.unit, proof?.terminal?.unit].compactMap { $0 }).unique()
  }

  // MARK: Units

  func checkUnits(_ units: [String: Result<UnitView, Unseen>], _ report: Report, _ window: Window) async {
    var start: [String: UnitView] = [:]
    for unit in subject.units {
      let seen = units[unit] ?? .failure(Unseen("it was not looked at"))
      report(UnitActive.judge(unit, seen))
      if case .success(let view) = seen, view.isActive { start[unit] = view }
    }
    let report = report.started()
    for unit in subject.units where start[unit] == nil {
      report(UnitStable.skip(unit, because: "it is not active"))
    }
    guard window.length > .zero else {
      for unit in subject.units {
        if let view = start[unit] { report(UnitStable.glimpsed(unit, view)) }
      }
      return
    }
    guard !start.isEmpty else { return }
    for result in await UnitWatch(start: start).run(window) { report(result) }
  }

  // MARK: Files

  func checkFiles(_ set: FileSet, _ units: [String: Result<UnitView, Unseen>], _ report: Report) async {
    let files = subject.files
    for file in files { report(FilesMatch.judge(file, set[file.target])) }
    let current = await BlockingThread.run {
      subject.units.filter { unit in files.contains { $0.unit == unit } }
        .map { unit in judgeCurrent(unit, units[unit], set.installed(files, of: unit)) }
    }
    for result in current { report(result) }
  }

  private func judgeCurrent(_ unit: String, _ seen: Result<UnitView, Unseen>?, _ files: [InstalledFile]) -> CheckResult
  {
    guard case .success(let view)? = seen, view.isActive else {
      return UnitCurrent.skip(unit, because: "it is not active")
    }
    guard let pid = view.pid else { return UnitCurrent.skip(unit, because: "it has no main process") }
    return UnitCurrent.judge(unit, ProcessView.look(at: pid), files: files)
  }

  // MARK: Outside

  func look(at request: Manifest.HTTP) async -> Result<Int, Unseen> {
    await BlockingThread.run(within: request.within + .milliseconds(100)) {
      Result { () throws(Unseen) in try HTTPRequest(request.url).send(deadline: .now + request.within) }
    } ?? .failure(Unseen("no answer within \(request.within.text)"))
  }

  func look(at tcp: Manifest.TCP) async -> Result<Void, Unseen> {
    await BlockingThread.run(within: tcp.within + .milliseconds(100)) {
      Result { () throws(Unseen) in
        guard let address = Address(tcp.address) else { throw Unseen("'\(tcp.address)' is not host:port") }
        _ = try Socket(host: address.host, port: address.port, deadline: .now + tcp.within)
      }
    } ?? .failure(Unseen("no answer within \(tcp.within.text)"))
  }
}
