internal import Deployment
internal import HostState

extension HostContext {
  /// Runs a change that is no transaction, and leaves a line in the history of what came of it, and
  /// an entry of the journal. A history that cannot be
  /// written does not undo what was done: that is said.
  ///
  /// - Parameters:
  ///   - name: the manifest's.
  ///   - reason: what was changed, in words.
  func traced<Value>(_ name: String, reason: (Value?) -> String, _ change: () throws -> Value) throws -> Value {
    let (begun, clock) = (now(), ContinuousClock.now)
    func keep(_ value: Value?, _ outcome: Outcome, _ exit: ExitStatus) {
      let entry = HistoryEntry(
        name: name, command: command, outcome: outcome, user: user, reason: reason(value), started: begun,
        seconds: (.now - clock) / .seconds(1), exit: exit.rawValue)
      do { try History(state).append(entry) } catch { note("this is not in the history: \(error)") }
      event(.changed(entry))
    }
    do {
      let value = try change()
      keep(value, .done, .done)
      return value
    } catch {
      keep(nil, .failed, (error as? any CommandError)?.exitStatus ?? .internalError)
      throw error
    }
  }
}
