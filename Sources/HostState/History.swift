internal import CLinux
package import Deployment
internal import FileOperations
internal import Glibc

/// The transactions of this host, oldest first, a JSON object a line.
package struct History: Sendable {
  package let path: String

  package init(_ folder: StateFolder) { path = folder.history }

  /// The newest entries, oldest first. Lines among them that cannot be read are left out of the list and counted.
  ///
  /// - Parameter name: only entries of this manifest's name; `nil`: of all.
  package func last(_ count: Int, of name: String? = nil) throws -> (entries: [HistoryEntry], unreadable: Int) {
    var entries: [HistoryEntry] = []
    var unreadable = 0
    for line in try lines().reversed() where entries.count + (name == nil ? unreadable : 0) < count {
      if let entry = try? JSON.decode(HistoryEntry.self, from: line, path: path) {
        if name == nil || entry.name == name { entries.append(entry) }
      } else {
        // Of which name it is, nobody can tell.
        unreadable += 1
      }
    }
    return (entries.reversed(), unreadable)
  }

  /// The transactions that took the backup of that stamp; of several manifests there may be several.
  ///
  /// - Throws: `HistoryError`, with exit status 10, where there is none.
  package func taking(_ text: String, of name: String? = nil) throws -> [HistoryEntry] {
    guard let stamp = Stamp(text) else { throw HistoryError.notAStamp(text) }
    let found = try last(.max, of: name).entries.filter { $0.stamp == stamp }
    guard !found.isEmpty else { throw HistoryError.noSuchTransaction(text) }
    return found
  }

  /// The transaction that a person means.
  ///
  /// - Parameters:
  ///   - text: the stamp of the backup that it took; `nil`: the last one that is a transaction and no command.
  ///   - name: of its manifest; `nil`: any.
  /// - Throws: `HistoryError`, with exit status 10, where there is none, and `Refusal` where there is no telling which.
  package func transaction(_ text: String?, of name: String? = nil) throws -> HistoryEntry {
    guard let text else {
      guard let entry = try newest(holding: "", where: { !$0.isCommand && (name == nil || $0.name == name) }) else {
        throw HistoryError.nothingDone(name)
      }
      return entry
    }
    let found = try taking(text, of: name)
    let names = Set(found.map(\.name))
    guard names.count == 1, let entry = found.last else {
      throw Refusal([
        "several transactions took a backup \(text), of \(names.sorted().joined(separator: " and ")); choose one with "
          + "--name NAME"
      ])
    }
    return entry
  }

  /// The newest entry that satisfies `predicate`; `nil` where none does.
  ///
  /// - Parameter text: what its line holds in any case, such as a digest. Reading a line is what takes time, so of a long
  ///   history only such lines are.
  package func newest(holding text: String, where predicate: (HistoryEntry) -> Bool) throws -> HistoryEntry? {
    let wanted = Array(text.utf8)
    for line in try lines().reversed() where wanted.isEmpty || Self.holds(line, wanted) {
      guard let entry = try? JSON.decode(HistoryEntry.self, from: line, path: path) else { continue }
      if predicate(entry) { return entry }
    }
    return nil
  }

  /// What rollbacks have left since the last deploy of that name: a bare rollback never goes forward to it.
  package func left(of name: String) throws -> (releases: Set<String>, stamps: Set<Stamp>) {
    var left: (releases: Set<String>, stamps: Set<Stamp>) = ([], [])
    for line in try lines().reversed() {
      guard let entry = try? JSON.decode(HistoryEntry.self, from: line, path: path), entry.name == name else {
        continue
      }
      switch entry.outcome {
      case .rolledBack where entry.exit == ExitStatus.done.rawValue:
        if let release = entry.from { left.releases.insert(release.digest) }
        if let stamp = entry.stamp { left.stamps.insert(stamp) }
      case .deployed, .unverified: return left
      default: continue
      }
    }
    return left
  }

  /// When what is on the host came there, in whole seconds since 1970.
  package func beginning(of installed: InstalledRecord) -> Int {
    let entry = try? newest(holding: installed.release.digest) {
      $0.name == installed.name && $0.to == installed.release && $0.outcome != .unchanged && $0.outcome != .backedUp
    }
    return entry?.started ?? installed.at
  }

  /// Adds an entry; it is durable on return. An entry that the last line already holds is not added again, so that
  /// recovery may repeat the call.
  package func append(_ entry: HistoryEntry) throws {
    try JSONLines(path: path).append(entry, creates: true, once: true)
  }

  private func lines() throws -> [ArraySlice<UInt8>] { try JSONLines(path: path).read() ?? [] }

  private static func holds(_ line: ArraySlice<UInt8>, _ text: [UInt8]) -> Bool {
    line.withUnsafeBytes { line in
      text.withUnsafeBytes { memmem(line.baseAddress, line.count, $0.baseAddress, $0.count) != nil }
    }
  }
}

/// A transaction cannot be found in the history.
package enum HistoryError: CommandError, Hashable {
  case notAStamp(String)
  case noSuchTransaction(String)
  /// Under that name; `nil`: under any.
  case nothingDone(String?)

  package var exitStatus: ExitStatus { .noSuchStamp }
  package var description: String {
    switch self {
    case .notAStamp(let text):
      "'\(text)' is not a stamp; a stamp is YYYYMMDD_HHMMSS, such as 20260131_235959; see 'qtctl history'"
    case .noSuchTransaction(let text):
      "no transaction in the history took the backup '\(text)'; 'qtctl history --last 1000' lists them"
    case .nothingDone(nil): "there is no transaction in the history yet; 'qtctl deploy' begins it"
    case .nothingDone(let name?): "there is no transaction of '\(name)' in the history; 'qtctl history' lists all"
    }
  }
}

/// What was done, when, by whom, from what to what, with what outcome and in how many seconds.
package struct HistoryEntry: Sendable, Hashable, Codable {
  /// The manifest's name.
  package var name: String
  /// `deploy`, `rollback` …
  package var command: String
  package var outcome: Outcome
  /// The backup taken before; `nil` when it did not come to that.
  package var stamp: Stamp?
  package var from: ReleaseIdentity?
  package var to: ReleaseIdentity?
  package var user: String
  /// Why, as the user said it or as it failed.
  package var reason: String?
  /// When it was written to the journal, in whole seconds since 1970.
  package var started: Int
  /// From taking the lock to the outcome, planning and preflight included.
  package var seconds: Double
  package var exit: Int32
  /// What was at fault; `nil` where nothing was, or nothing that says anything of the release.
  package var fault: Fault?
  /// The folder with the evidence of the release that failed or was left.
  package var evidence: String?

  package init(
    name: String, command: String, outcome: Outcome, stamp: Stamp? = nil, from: ReleaseIdentity? = nil,
    to: ReleaseIdentity? = nil, user: String, reason: String? = nil, started: Int, seconds: Double, exit: Int32,
    fault: Fault? = nil, evidence: String? = nil
  ) {
    self.name = name
    self.command = command
    self.outcome = outcome
    self.stamp = stamp
    self.from = from
    self.to = to
    self.user = user
    self.reason = reason
    self.started = started
    self.seconds = seconds
    self.exit = exit
    self.fault = fault
    self.evidence = evidence
  }

  package enum Fault: String, Sendable, Hashable, Codable {
    /// What the release brought: a unit of it did not become ready, or a check failed.
    case content
  }
}

extension HistoryEntry {
  /// The command without its options.
  package var verb: String { Self.verb(of: command) }

  package static func verb(of command: String) -> String { String(command.prefix { $0 != " " }) }

  /// Whether it is no transaction, but a command for services, backups or groups: it changed no release.
  package var isCommand: Bool { ["start", "stop", "restart", "backups"].contains(verb) }

  /// How it ended. Earlier versions wrote `rolled-back` also where a transaction had been undone.
  package var end: Outcome {
    outcome == .rolledBack && exit == ExitStatus.rolledBack.rawValue ? .undone : outcome
  }

  /// Whether a release works here, as far as a transaction has shown it.
  package enum Verdict: Hashable { case works, fails }

  /// What this transaction says of the content of a release; `nil`: nothing. An interrupted one or one that met a full
  /// disk proves nothing, nor does one that ended without a look at the services' health.
  package func verdict(on release: ReleaseIdentity, named name: String) -> Verdict? {
    guard self.name == name, to?.digest == release.digest else { return nil }
    if fault == .content { return .fails }
    let proved = outcome == .deployed || outcome == .unchanged || outcome == .rolledBack
    return proved && exit == ExitStatus.done.rawValue ? .works : nil
  }
}
