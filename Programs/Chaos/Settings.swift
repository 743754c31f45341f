/// How hard a run is.
struct Settings {
  var seed: UInt64
  /// Decisions.
  var count: Int
  /// Over which they are published.
  var duration: Duration
  /// Between two blows, on average; zero: none.
  var gap: Duration
  /// How often each temper of the venue hits, as a share.
  var rate: Double
  /// How long a program is silent before others take over.
  var claimIdle: Duration
  var deliveries: Int

  var venueArguments: [String] {
    let often = ["open", "twice"].map { "\($0)=\(rate * 3)" }
    let tempers = ["dead", "rejected", "silent", "late", "drop", "lost", "slow", "limited", "vague"]
    return [
      "--seed", String(seed), "--tempers", (often + tempers.map { "\($0)=\(rate)" }).joined(separator: ","),
      "--slowness", "150", "--open-time", "40", "--lag", "20", "--up-time", rate > 0 ? "20" : "0", "--down-time", "1",
    ]
  }
}
