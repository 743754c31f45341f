package import Deployment
package import KnownDigests
internal import Redis

/// What is verified: the units, files and behaviour that a manifest names, and nothing else.
package struct VerificationSubject: Sendable {
  /// In start order.
  package var units: [ExpectedUnit]
  /// Units of no manifest that must be active again: what a transaction stopped with its units, or paused.
  package var others: [String] = []
  /// The files as the last transaction left them.
  package var files: [ExpectedFile]
  /// The behaviour to prove.
  package var verify: Manifest.Verify
  /// The address of Redis; `nil` where nothing concerns Redis.
  package var redis: String?
  /// A further user whose Redis may be told its password; `nil`: as the environment of this process says.
  package var redisUser: String?
  /// When the transaction being verified started, in microseconds since 1970; no journal line from before counts.
  /// `nil` where there is none: then lines since the start of the verification count.
  package var since: Int64?
  /// How things stood before the transaction being verified; `nil`: nothing is excused.
  package var baseline: Baseline?
  /// Where it is taken down how the groups stand meanwhile; `nil`: nowhere.
  package var samples: GroupSampleLog?

  /// Of files that are not read again.
  package var digests = KnownDigests.none

  package init(
    units: [String], files: [ExpectedFile] = [], verify: Manifest.Verify = Manifest.Verify(), redis: String? = nil,
    since: Int64? = nil
  ) {
    self.units = units.map { ExpectedUnit($0) }
    self.files = files
    self.verify = verify
    self.redis = redis
    self.since = since
  }

  /// The name of Redis in a report, once, without its password; none where nothing concerns Redis.
  var redisNames: [String] {
    guard redis != nil || verify.concernsRedis else { return [] }
    return [(try? redisEndpoint()).map { "\($0)" } ?? "redis"]
  }

  func redisEndpoint() throws(ProbeError) -> Endpoint {
    guard let redis else { throw ProbeError("the manifest has checks of streams, but no redis: address") }
    do {
      return try Endpoint(redis)
    } catch {
      throw ProbeError("the address in redis: or QTCTL_REDIS is not understood: \(error)")
    }
  }
}

/// One unit and how it must be.
package struct ExpectedUnit: Sendable, Hashable {
  package enum Target: Sendable, Hashable {
    case running, stopped
    /// Up if it was up before, and not failed.
    case asFound
  }

  /// The full name.
  package var name: String
  /// `nil`: as found where something triggers it, else running.
  package var target: Target?
  package var severity = Manifest.Severity.fail
  /// Whether the transaction being verified changed a file that is listed under this unit. Then nothing is excused.
  package var isChanged = false

  package init(_ name: String, target: Target? = nil) {
    self.name = name
    self.target = target
  }

  /// The units whose unit files these are, other than templates.
  package static func brought(by paths: [String]) -> [ExpectedUnit] {
    paths.compactMap { UnitFolders.unit(ofFile: $0) }.map { ExpectedUnit($0, target: .asFound) }
  }
}

/// How a verification is run; what is verified is the ``VerificationSubject``.
package struct VerificationOptions: Sendable {
  /// Overrides the manifest's `verify.stable`; `.zero`: no window.
  package var stable: Duration?
  /// Whether the duplicate proof may write its probes.
  package var probe: Bool
  /// How long Redis may take to accept a connection and to answer.
  package var patience: Duration = .seconds(2)
  /// A consumer that holds entries and was given none for longer counts as dead. It stands far above the time that one
  /// entry takes, since a consumer at work is silent too, and above the 75 seconds after which the living ones of
  /// `EventBus` have claimed what a dead one held. For groups that the manifest does not name it is ten times as long.
  package var silence: Duration = .seconds(90)

  package init(stable: Duration? = nil, probe: Bool = true) {
    self.stable = stable
    self.probe = probe
  }
}

/// One file of the host and what it must be.
package struct ExpectedFile: Sendable, Hashable {
  /// What must be found at the target.
  package enum State: Sendable, Hashable {
    /// Nothing may be there.
    case absent
    /// A symlink with exactly this text.
    case link(to: String)
    /// A folder.
    case folder(mode: UInt32?, owner: UInt32?, group: UInt32?)
    /// A regular file. `nil` stands for what is not compared: `sha256` is in hex, `mode` the permission bits,
    /// `owner` and `group` are numeric.
    case present(sha256: String?, mode: UInt32?, owner: UInt32?, group: UInt32?)
  }

  /// The absolute path.
  package var target: String
  /// The unit that the file belongs to; `nil` where it belongs to none.
  package var unit: String?
  /// Whether nothing derived from the contents, digests included, may be shown.
  package var secret: Bool
  package var state: State
  /// In bytes; `nil`: not known. The content of a file of another size is not read.
  package var size: Int?
  /// Whether a change of it reloads its unit, so that the process may be older than the file.
  package var reload = false
  /// The only units that a change of it restarts; `nil`: every unit that uses it.
  package var restarts: [String]?

  package init(
    target: String, unit: String? = nil, secret: Bool = false, state: State, size: Int? = nil
  ) {
    self.target = target
    self.unit = unit
    self.secret = secret
    self.state = state
    self.size = size
  }
}
