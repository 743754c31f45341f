internal import Deployment
internal import FileOperations
internal import Glibc
internal import Preflight
package import Systemd
internal import Units
internal import Verification

/// Finds out what a release has to bring, so that it is what runs here. It reads only.
package struct Adopter {
  private static let types = [".service", ".timer", ".socket", ".path", ".target"]
  private static let states: [ActiveState] = [
    .active, .reloading, .inactive, .failed, .activating, .deactivating, .maintenance,
  ]

  private let manager: ServiceManager
  private let redis: String?

  /// - Parameter redis: the URL of a Redis, which may have a password that no file has.
  package init(_ manager: ServiceManager, redis: String? = nil) {
    self.manager = manager
    self.redis = redis
  }

  /// The units of these names, and all of the host that match the pattern; each once, under its own name.
  ///
  /// - Throws: `Refusal` where a named one does not exist, or none is found.
  package func units(named names: [String], matching pattern: String?) throws -> [String] {
    var found: [String] = []
    var faults: [String] = []
    func add(_ name: String, isNamed: Bool) throws {
      let status = try manager.status(of: name)
      guard status.loadState == .loaded else {
        if isNamed {
          let fault =
            status.loadState == .notFound
            ? "there is no unit '\(name)' on this host" : "unit '\(name)' is \(status.loadState)"
          faults.append(fault + "; list the units with 'systemctl list-units --all'")
        }
        return
      }
      // What was made for one boot, or by a generator, is not brought by a release.
      if !isNamed, status.fragmentPath?.hasPrefix("/run/") ?? true { return }
      if !found.contains(status.unit) { found.append(status.unit) }
    }
    for name in names { try add(name.contains(".") ? name : name + ".service", isNamed: true) }
    if let pattern {
      let patterns = Self.types.contains(where: pattern.hasSuffix) ? [pattern] : Self.types.map { pattern + $0 }
      let loaded = try manager.units(in: Self.states, matching: patterns)
      let names = try UnitFolders.administrator.flatMap { (folder: String) -> [String] in try Files.names(in: folder) }
      let files = names.filter { name in
        !name.contains("@.") && patterns.contains { fnmatch($0, name, 0) == 0 }
      }
      for name in Set(loaded + files).sorted() { try add(name, isNamed: false) }
      if found.isEmpty {
        faults.append("no unit matches '\(pattern)'; list the units with 'systemctl list-units --all'")
      }
    }
    guard faults.isEmpty else { throw Refusal(faults) }
    return found
  }

  /// - Parameter name: of the manifest.
  package func adopt(_ units: [String], as name: String) async throws -> AdoptedHost {
    let listening = ListeningPorts()
    let all = Self.inStartOrder(try units.map { try UnitCandidates($0, manager, listening) })
    let paths = all.flatMap(\.candidates).map(\.path)
    let asked = Set(paths + paths.flatMap(HostLinks.links) + paths.compactMap { Paths.of($0) })
    let owners = await PackageOwners(of: asked)
    var host = AdoptedHost(name: name)
    var trees = TreeChoice(all, owners)
    host.trees = trees.choose()
    let choice = FileChoice(owners: owners, trees: host.trees)
    var users: [String: [String]] = [:]
    for unit in all {
      var adopted = choice.unit(unit)
      adopted.notes += (trees.notes[adopted.unit] ?? []) + Self.neighbours(unit.details, besides: units)
      for file in adopted.files { users[file.target, default: []].append(adopted.unit) }
      host.units.append(adopted)
    }
    Self.share(&host, users)
    host.ports = await PortChoice.ports(all)
    (host.redis, host.notes) = RedisChoice(all, named: redis).choose()
    return host
  }

  /// Files that several units use belong to none of them.
  private static func share(_ host: inout AdoptedHost, _ users: [String: [String]]) {
    var shared: [String: AdoptedFile] = [:]
    for index in host.units.indices {
      for file in host.units[index].files where (users[file.target]?.count ?? 0) > 1 {
        var merged = shared[file.target] ?? file
        merged.isEnvironment = merged.isEnvironment || file.isEnvironment
        shared[file.target] = merged
      }
      host.units[index].files.removeAll { shared[$0.target] != nil }
    }
    host.files = shared.sorted { $0.key < $1.key }.map(\.value)
  }

  /// What stops with it and is not part of the release.
  private static func neighbours(_ details: UnitDetails, besides units: [String]) -> [String] {
    let relations: [(UnitDetails.Relation, String)] = [
      (.requiredBy, "Requires="), (.boundBy, "BindsTo="), (.consistsOf, "PartOf="), (.upheldBy, "Upholds="),
    ]
    return relations.flatMap { relation, setting in
      details.related(relation).filter { !units.contains($0) && !$0.hasSuffix(".target") }.sorted().map {
        "\($0) is bound to it (\(setting)) and is not in this release"
      }
    }
  }

  /// As systemd's `After=` has it; else by name.
  private static func inStartOrder(_ units: [UnitCandidates]) -> [UnitCandidates] {
    let byName = Dictionary(units.map { ($0.status.unit, $0) }) { first, _ in first }
    var done: Set<String> = []
    var order: [UnitCandidates] = []
    func visit(_ unit: UnitCandidates) {
      guard done.insert(unit.status.unit).inserted else { return }
      for name in unit.details.related(.after).sorted() { if let other = byName[name] { visit(other) } }
      order.append(unit)
    }
    for (_, unit) in byName.sorted(by: { $0.key < $1.key }) { visit(unit) }
    return order
  }
}

/// Where services accept connections.
enum PortChoice {
  /// Servers that take a web request for an attack, or log it.
  private static let noWeb = ["redis", "valkey", "postgres", "mysql", "maria", "memcached", "sshd", "mongo", "kafka"]

  static func ports(_ units: [UnitCandidates]) async -> [AdoptedPort] {
    let ephemeral = ephemeralPorts()
    var seen: Set<String> = []
    var found: [AdoptedPort] = []
    for unit in units {
      let isWeb = !unit.status.execStart.contains { command in
        noWeb.contains { Paths.name(command.path).lowercased().contains($0) }
      }
      for port in unit.ports where seen.insert(port.text).inserted {
        let isEphemeral = port.port >= ephemeral
        let status =
          isWeb && !isEphemeral ? await WebServer.status(of: "http://\(port.text)/", within: .milliseconds(500)) : nil
        found.append(
          AdoptedPort(address: port.text, unit: unit.status.unit, status: status, isEphemeral: isEphemeral))
      }
    }
    return found
  }

  /// The first port that the kernel chooses by itself.
  private static func ephemeralPorts() -> UInt16 {
    let text = (try? Files.read("/proc/sys/net/ipv4/ip_local_port_range")).map { String(decoding: $0, as: UTF8.self) }
    return text?.split(whereSeparator: \.isWhitespace).first.flatMap { UInt16($0) } ?? 32_768
  }
}
