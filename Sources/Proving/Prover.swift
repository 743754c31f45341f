internal import Basics
package import Deployment
internal import FileOperations
internal import Glibc

/// Runs rows on the services of this machine, one after the other.
package struct Prover: Sendable {
  /// Which rows may run.
  package enum Mode: Sendable {
    /// Beside services in use: the harmless ones.
    case live
    /// In a throwaway machine: all of them.
    case injecting
  }

  /// What tells a process that it may do harm here. It lies in memory, so that it is gone with the machine.
  package static let marker = "/run/qtctl-prove"

  private let manifest: Manifest
  private var options: ProofOptions
  private let mode: Mode

  /// - Throws: `Refusal` where faults may not be injected.
  package init(_ manifest: Manifest, _ options: ProofOptions, mode: Mode) throws {
    if mode == .injecting, !Self.isThrowaway {
      throw Refusal(["faults are injected in a throwaway machine only; run 'qtctl prove' without --inject"])
    }
    self.manifest = manifest
    self.options = options
    self.options.isThrowaway = mode == .injecting
    self.mode = mode
  }

  /// Whether this is a container of systemd-nspawn that was made for a proof.
  private static var isThrowaway: Bool {
    guard access(marker, F_OK) == 0, let bytes = try? Files.read("/run/systemd/container") else { return false }
    return String(decoding: bytes, as: UTF8.self).hasPrefix("systemd-nspawn")
  }

  /// Runs these rows, of one subject alone where it is named.
  ///
  /// - Parameter tell: called for each row as it ends.
  package func run(
    _ names: [String], of subject: String? = nil, tell: (CheckResult) -> Void
  ) async -> [CheckResult] {
    var results: [CheckResult] = []
    for row in RowRegistry.selected(names) {
      for item in Plan(row, manifest, results, mode).items where subject == nil || item.subject == subject {
        let start = ContinuousClock.now
        let verdict: Verdict =
          if let reason = item.skip { .skipped(because: reason) } else { await run(row, item.subject) }
        let result = verdict.result(row, item.subject, seconds: (ContinuousClock.now - start) / .seconds(1))
        results.append(result)
        tell(result)
      }
    }
    return results
  }

  private func run(_ row: any Row.Type, _ subject: String) async -> Verdict {
    let (manifest, options) = (manifest, options)
    let verdict = await TimeLimit.value(within: row.limit(options)) { () async -> Verdict in
      do {
        return try await row.prove(subject, on: Bench(manifest, options))
      } catch let ending as Ending {
        return ending.verdict
      } catch {
        return .failed("it could not be looked at: \(error)", [:])
      }
    }
    let ended = verdict ?? .failed("it was not over after \(row.limit(options).text)", [:])
    if mode == .injecting, case .failed = ended { await reset() }
    return ended
  }

  /// So that a row that failed is not the reason for the failure of the next one.
  private func reset() async {
    let (manifest, options) = (manifest, options)
    _ = await TimeLimit.value(within: .seconds(60)) {
      try? Bench(manifest, options).reset()
    }
  }
}

/// What of a row runs, and why what does not.
struct Plan {
  struct Item {
    var subject: String
    /// Why it is not tried; `nil`: it is.
    var skip: String?
  }

  let items: [Item]

  /// - Parameter before: the results so far.
  init(_ row: any Row.Type, _ manifest: Manifest, _ before: [CheckResult], _ mode: Prover.Mode) {
    switch row.subjects(of: manifest) {
    case .none(let reason): items = [Item(subject: manifest.name, skip: reason)]
    case .each(let subjects):
      var skip: String?
      if mode == .live, !row.isHarmless {
        skip = "it would disturb services that are in use; 'qtctl prove' without --live tries it in a throwaway machine"
      } else if row.id != ServiceKilled.id, before.contains(where: { $0.id == FlowOnce.id && $0.status == .fail }) {
        skip = "not even one message comes through (\(FlowOnce.id))"
      }
      items = subjects.map { Item(subject: $0, skip: skip) }
    }
  }
}
