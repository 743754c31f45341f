/// How a verification is run; what it proves is the ``Subject``'s.
public struct Options: Sendable {
  /// Overrides the manifest's `verify.stable`; `.zero`: no window.
  public var stable: Duration?
  /// Whether the duplicate proof may write its probes.
  public var probe: Bool
  /// How long Redis may take to accept a connection and to answer.
  public var patience: Duration = .seconds(2)
  /// A consumer that holds entries and was given none for longer counts as dead. It stands far above the time that one
  /// entry takes, since a consumer at work is silent too, and above the 75 seconds after which the living ones of
  /// `EventBus` have claimed what a dead one held. For groups that the manifest does not name it is ten times as long.
  public var silence: Duration = .seconds(90)

  public init(stable: Duration? = nil, probe: Bool = true) {
    self.stable = stable
    self.probe = probe
  }
}
