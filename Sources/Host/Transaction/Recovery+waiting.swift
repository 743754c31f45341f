extension Recovery {
  /// Says, for whoever only looks, that a transaction is neither done nor undone and nobody is at it; `nil` otherwise,
  /// and where that cannot be seen. Takes no lock, so it is in nobody's way.
  public static func waiting(_ state: StateFolder) -> String? {
    guard let records = try? TransactionJournal(state).read(), let begin = InterruptedTransaction(records)?.begin else {
      return nil
    }
    if let holder = try? LockHolder.read(state.lock), LockOwner(pid: holder.pid, lock: state.lock) != nil { return nil }
    return "'\(begin.command)' of \(begin.user), pid \(begin.pid), was interrupted and waits to be undone: "
      + "run 'qtctl recover'"
  }
}
