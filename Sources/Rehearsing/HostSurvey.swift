internal import Deployment
internal import FileOperations
internal import Redis
internal import Systemd
internal import Units

/// What a rehearsal has to know of this host. Only reads.
struct HostSurvey {
  /// What the machine starts: of the release's units those that are up here, what they are ordered after, and what was
  /// named. What these require, systemd starts with them.
  var units: [String] = []
  /// The Redis servers among what is started.
  var redis: [RedisFiles] = []
  /// The host's addresses, as `ip address` takes them.
  var addresses: [String] = []
  /// What cannot be as on the host, in sentences.
  var notes: [String] = []

  /// What has nothing to do without hardware and network, or would only be in the way.
  private static let leftOut: Set<String> = [
    "networking.service", "NetworkManager.service", "dhcpcd.service", "wpa_supplicant.service", "ssh.service",
    "sshd.service", "docker.service", "containerd.service", "cloud-init.service", "cloud-init-local.service",
    "cloud-config.service", "cloud-final.service", "apparmor.service", "chrony.service", "ntp.service",
  ]

  /// - Parameters:
  ///   - own: the units of the release, and of the one that is installed.
  ///   - named: further units to start.
  ///   - address: of the Redis that the manifest is about; `nil` where it is about none.
  init(own: [String], named: [String], redis address: String?, _ manager: ServiceManager) async throws {
    let graph = UnitGraph { properties, units in try await Self.show(properties, units) }
    let up = try await graph.properties(["ActiveState", "After"], of: own).filter(Self.isUp)
    let ordered = Set(up.flatMap { UnitGraph.words($0["After"]) }).subtracting(own).filter(Self.isWorthwhile).sorted()
    let before = try await graph.properties(["ActiveState"], of: ordered).filter(Self.isUp)
    for unit in named where try manager.status(of: unit).loadState == .notFound {
      throw Refusal(["there is no unit '\(unit)' on this host; check the name after --with"])
    }
    var roots = (up + before).compactMap { $0["Id"] } + named
    let services = try manager.units(in: [.active, .reloading], matching: ["*.service"])
    let servers = try services.map { try manager.status(of: $0) }.filter(RedisServices.isServer)
    if let address {
      let server = try Self.server(at: address, among: servers)
      roots.append(server.unit)
    }
    units = Set(roots + ["dbus.service"]).sorted()
    let closure = try await graph.closure(of: units)
    for server in servers where closure.contains(server.unit) {
      guard let folder = RedisServices.dataFolder(server) else { continue }
      let files = RedisFiles(unit: server.unit, folder: folder)
      redis.append(files)
      if !files.isAppendOnly {
        notes.append(
          "'\(server.unit)' keeps no append-only file, so its data in the rehearsal is that of its last dump; "
            + "set 'appendonly yes' (docs/redis.md)")
      }
    }
    addresses = await Self.addresses()
  }

  private static func isUp(_ unit: [String: String]) -> Bool {
    ["active", "activating", "reloading"].contains(unit["ActiveState"] ?? "")
  }

  private static func isWorthwhile(_ unit: String) -> Bool {
    unit.hasSuffix(".service") && !unit.hasPrefix("systemd-") && !leftOut.contains(unit)
  }

  private static func show(_ properties: [String], _ units: [String]) async throws -> String {
    guard !units.isEmpty else { return "" }
    let command = ["/usr/bin/systemctl", "show", "--property=\(properties.joined(separator: ","))", "--"] + units
    guard let output = await HelperProgram.run(command, within: .seconds(30)), output.status == 0 else {
      throw RehearsalUnavailable("systemd did not answer; look at: systemctl status")
    }
    return String(decoding: output.output, as: UTF8.self)
  }

  /// The service that is the Redis at an address.
  private static func server(at address: String, among servers: [UnitStatus]) throws -> UnitStatus {
    let endpoint = try Endpoint(address)
    let ports = ListeningPorts()
    let found = servers.first { server in
      switch endpoint.address {
      case .tcp(_, let port): server.controlGroup.map { ports.ports(group: $0).contains { $0.port == port } } ?? false
      case .unix(let path): RedisServices.listens(server, at: path)
      case .sentinels: false
      }
    }
    guard let found else {
      throw RehearsalUnavailable(
        "the Redis at \(endpoint) is not a running service of this host, so a rehearsal has no data to work with")
    }
    return found
  }

  /// Of this host's network devices, as `ADDRESS/32` or `/128`; empty where `ip` is missing.
  private static func addresses() async -> [String] {
    let places = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"]
    guard let program = places.first(where: Files.exists),
      let output = await HelperProgram.run([program, "-oneline", "address", "show"], within: .seconds(5)),
      output.status == 0
    else { return [] }
    return addresses(in: String(decoding: output.output, as: UTF8.self))
  }

  static func addresses(in text: String) -> [String] {
    let found = text.split(separator: "\n").compactMap { line -> String? in
      let words = line.split(separator: " ")
      guard let family = words.firstIndex(where: { $0 == "inet" || $0 == "inet6" }), words.dropFirst().first != "lo",
        let address = words.dropFirst(family + 1).first?.split(separator: "/").first, !address.hasPrefix("fe80:"),
        address.allSatisfy({ $0.isHexDigit || $0 == "." || $0 == ":" })
      else { return nil }
      return address + (words[family] == "inet" ? "/32" : "/128")
    }
    return Set(found).sorted()
  }
}
