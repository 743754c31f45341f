extension ServiceManager {
  /// Makes the links of the units' `[Install]` sections. `daemonReload()` makes the manager see them.
  @discardableResult
  public func enable(_ units: [String]) throws(SystemdError) -> [UnitFileChange] { [] }

  /// Removes the links of the units' `[Install]` sections.
  @discardableResult
  public func disable(_ units: [String]) throws(SystemdError) -> [UnitFileChange] { [] }

  /// Links the units to /dev/null, so that nothing can start them; until the next boot if `runtime`.
  @discardableResult
  public func mask(_ units: [String], runtime: Bool = false) throws(SystemdError) -> [UnitFileChange] { [] }

  /// Undoes `mask`.
  @discardableResult
  public func unmask(_ units: [String], runtime: Bool = false) throws(SystemdError) -> [UnitFileChange] { [] }

  /// How the unit's file is installed now, read from disk; `.absent` when there is none.
  public func unitFileState(of unit: String) throws(SystemdError) -> UnitFileState {
    throw .noBus(reason: "not implemented")
  }
}
