internal import Deployment

extension Proof {
  /// With waits that fit what is left until the deadline: half of it for the window, no check longer than all of it.
  func limited(by deadline: ContinuousClock.Instant) -> Proof {
    let left = max(.seconds(1), deadline - .now)
    var proof = self
    proof.stable = min(stable ?? verify.stable, left / 2)
    proof.verify.duplicates?.within = min(verify.duplicates?.within ?? left, left)
    for index in verify.commands.indices {
      proof.verify.commands[index].within = min(verify.commands[index].within, left)
    }
    for index in verify.http.indices { proof.verify.http[index].within = min(verify.http[index].within, left) }
    for index in verify.tcp.indices { proof.verify.tcp[index].within = min(verify.tcp[index].within, left) }
    return proof
  }
}
