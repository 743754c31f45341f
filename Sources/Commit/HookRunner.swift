package import Deployment
internal import FileOperations
package import HostState
package import Units

/// A migration and what takes it back.
package struct Migration: Sendable, Hashable {
  package var call: HookCall
  package var undo: HookCall?

  package init(_ call: HookCall, undo: HookCall?) {
    self.call = call
    self.undo = undo
  }
}

/// Runs hooks as part of a transaction: the journal says that one is about to run before it runs, and that it has ended.
package struct HookRunner {
  let services: any ServiceControl
  let journal: TransactionJournal
  /// Whether the way back must not end where the journal cannot be written.
  let isUndoing: Bool
  /// Takes what a hook printed.
  let keep: (HookCall, HookEnd) -> Void

  package init(
    services: any ServiceControl, journal: TransactionJournal, isUndoing: Bool = false,
    keep: @escaping (HookCall, HookEnd) -> Void = { _, _ in }
  ) {
    self.services = services
    self.journal = journal
    self.isUndoing = isUndoing
    self.keep = keep
  }

  /// - Parameter undo: what takes it back, from now on.
  /// - Throws: `HookError` when it did not succeed.
  package func run(_ call: HookCall, undo: HookCall? = nil) throws {
    try announce(.hook(call, undo: undo))
    let end: HookEnd
    do {
      end = try services.run(call)
    } catch let error as FileError {
      try announce(.hookEnded(call.name, failure: "\(error)"))
      throw HookError(call, why: "could not be started: \(error)")
    }
    keep(call, end)
    let error = end.succeeded ? nil : HookError(call, end)
    try announce(.hookEnded(call.name, failure: error?.why))
    if let error { throw error }
  }

  /// Takes a migration back. What fails is tried once more.
  ///
  /// - Returns: what is worth a word.
  /// - Throws: `HookError` when it failed twice.
  package func undo(_ call: HookCall) throws -> String? {
    if let fault = Self.fault(of: call) { throw HookError(call, why: "was not run: \(fault)") }
    do {
      try run(call)
      return nil
    } catch let first as HookError {
      var again = call
      again.scope += "-again"
      do {
        try run(again)
      } catch let second as HookError {
        throw HookError(call, why: "failed twice: it \(second.why)")
      }
      return "it failed the first time: it \(first.why)"
    }
  }

  /// Why the program of an `undo` is not to be trusted any more; that of a release is root's own copy.
  private static func fault(of call: HookCall) -> String? {
    PathTrust.root.fault(of: call.program).map { "\($0), so that others than root decide what it does" }
  }

  private func announce(_ record: TransactionJournal.Record) throws {
    do {
      try journal.append(record)
    } catch {
      guard isUndoing else { throw error }
    }
  }
}
