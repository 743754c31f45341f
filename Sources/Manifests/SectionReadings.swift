internal import Basics
internal import Deployment

// Each section of the manifest, its keys once each, in the order of docs/manifest.md.

extension ManifestReading<Manifest> {
  static var manifest: Self {
    section { keys in
      let name = keys.require("name", .name)
      let version = keys.read("version", .line(atMost: 128))
      let start = keys.read("start", .choice(DesiredState.StartOrder.self))
      let files = keys.read("files", .list(of: .sharedFile))
      let services = keys.require("services", .list(of: .service, atLeast: 1))
      var manifest = Manifest(name: name ?? "", version: version, services: services ?? [])
      manifest.start = start ?? .inOrder
      manifest.files = files ?? []
      keys.read("backups", .backups, into: &manifest.backups)
      keys.read("rollback", .rollback, into: &manifest.rollback)
      manifest.redis = keys.read("redis", .redis)
      keys.read("hooks", .hooks, into: &manifest.hooks)
      keys.read("verify", .verify, into: &manifest.verify)
      manifest.watch = keys.read("watch", .watch)
      return manifest
    }
  }
}

extension ManifestReading<Manifest.Service> {
  static var service: Self {
    section { keys in
      let unit = keys.require("unit", .unit.unique("unit"))
      var service = Manifest.Service(unit: unit ?? "")
      keys.read("files", .list(of: .file), into: &service.files)
      service.state = keys.read("state", .choice(DesiredState.Unit.Target.self))
      service.ready = keys.read("ready", .duration())
      service.stop = keys.read("stop", .duration(atLeast: .zero))
      keys.read("severity", .choice(Manifest.Severity.self), into: &service.severity)
      return service
    }
  }
}

extension ManifestReading<Manifest.File> {
  static var file: Self { section { keys in file(&keys) } }

  /// A file that no single service owns.
  static var sharedFile: Self {
    section { keys in
      var file = file(&keys)
      file.restarts = keys.read("restarts", .list(of: .restartRule))
      return file
    }
  }

  private static func file(_ keys: inout ManifestKeys) -> Manifest.File {
    let source = keys.read("source", .source)
    let link = keys.read("link", .link)
    let target = keys.require("target", .target.unique("target")) ?? ""
    // Beside the manifest, under the name that it has on the host.
    var file = Manifest.File(
      source: source ?? target.split(separator: "/").last.map(String.init) ?? "", target: target)
    file.link = link
    file.mode = keys.read("mode", .mode)
    if let owner = keys.read("owner", .account) { (file.owner, file.namesOwner) = (owner, true) }
    if let group = keys.read("group", .account) { (file.group, file.namesGroup) = (group, true) }
    keys.read("secret", .flag, into: &file.secret)
    keys.read("keep", .flag, into: &file.keep)
    keys.read("unsafe", .flag, into: &file.unsafe)
    file.exclude = keys.read("exclude", .list(of: .line(atMost: 4096))).map(Exclusion.init)
    file.extra = keys.read("extra", .choice(Tree.Extra.self))
    if link != nil, source != nil || file.mode != nil || file.keep || file.exclude != nil || file.extra != nil {
      keys.complain("'link' goes with 'target', 'owner' and 'group' only; remove the other keys")
    }
    keys.read("reload", .flag, into: &file.reload)
    return file
  }
}

extension ManifestReading<Manifest.RestartRule> {
  static var restartRule: Self {
    section { keys in
      let pattern = keys.require("files", .line(atMost: 4096)) ?? ""
      let units = keys.require("units", .list(of: .member)) ?? []
      return Manifest.RestartRule(files: PathPattern(pattern), units: units)
    }
  }
}

extension ManifestReading<Manifest.Backups> {
  static var backups: Self {
    section { keys in
      var backups = Manifest.Backups()
      keys.read("directory", .directory, into: &backups.directory)
      keys.read("keep", .integer(1...100_000), into: &backups.keep)
      return backups
    }
  }
}

extension ManifestReading<Manifest.Rollback> {
  static var rollback: Self {
    section { keys in
      var rollback = Manifest.Rollback()
      keys.read("deadline", .duration(atLeast: .seconds(1)), into: &rollback.deadline)
      return rollback
    }
  }
}
