extension ServiceManager {
  /// Makes a unit that has no file and queues its start. It is gone when it is down, or at the next boot; with
  /// `CollectMode=inactive-or-failed` also when it failed.
  ///
  /// - Parameter beside: units made with it and not started, such as the service that a timer starts.
  public func startTransient(
    _ unit: String, _ properties: [TransientProperty], beside others: [String: [TransientProperty]] = [:]
  ) throws(SystemdError) -> Job {
    try enqueue(.start, unit, method: "StartTransientUnit", within: nil) {
      $0.append(unit)
      $0.append(JobMode.fail.rawValue)
      $0.append(properties)
      $0.container(BusType.array, "(sa(sv))") { [message = $0] in
        for (name, properties) in others.sorted(by: { $0.key < $1.key }) {
          message.container(BusType.structure, "sa(sv)") {
            message.append(name)
            message.append(properties)
          }
        }
      }
    }
  }
}
