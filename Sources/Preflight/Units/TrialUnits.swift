internal import Deployment
internal import FileOperations
internal import Glibc
package import Systemd
internal import Units

/// Unit files of preflight's own: there for the length of one question, in the folder that a reboot empties.
///
/// systemd finds a new file when it is asked for its name; nothing needs to be reloaded.
package enum TrialUnits {
  package static let folder = UnitFolders.runtime

  /// Lays the texts out, hands over their names, and takes them away whatever happens.
  package static func with<Value>(_ texts: [String], _ body: ([String]) throws -> Value) throws -> Value {
    for name in try Files.names(in: folder) where LeftOver.isOne(name) {
      try Files.removeIfPresent(folder + "/" + name)
    }
    let names = texts.map { _ in "\(LeftOver.prefix)\(UInt32.random(in: 0 ... .max)).service" }
    defer {
      for name in names { unlink(folder + "/" + name) }
    }
    for (name, text) in zip(names, texts) { try Scratch.write(text, to: folder + "/" + name) }
    return try body(names)
  }
}

/// The names of what a preflight makes for a moment. Each has its process's number in it, so that one that runs, also a dry
/// run without the lock, is never in the way of another.
private enum LeftOver {
  private static let anybodys = "qtctl-preflight-"
  static var prefix: String { "\(anybodys)\(getpid())-" }

  /// Whether whoever made it is gone.
  static func isOne(_ name: String) -> Bool {
    guard name.hasPrefix(anybodys) else { return false }
    guard let pid = Int32(name.dropFirst(anybodys.count).prefix { $0.isNumber }), pid > 0 else { return true }
    return kill(pid, 0) != 0 && errno == ESRCH
  }
}

/// A folder for root alone that is gone at the end; under /run, which a reboot empties.
package enum Scratch {
  package static func with<Value>(_ body: (String) throws -> Value) throws -> Value {
    let folder = try make()
    defer { try? Files.removeTree(folder) }
    return try body(folder)
  }

  /// Takes away what preflights that were killed have left.
  package static func clean() throws {
    for name in try Files.names(in: "/run") where LeftOver.isOne(name) { try Files.removeTree("/run/" + name) }
  }

  package static func make() throws -> String {
    let pattern = "/run/\(LeftOver.prefix)XXXXXX"
    var template = Array(pattern.utf8CString)
    try Files.check("make folder", pattern) { mkdtemp(&template) == nil ? -1 : 0 }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Writes a file that need not outlive a power loss.
  package static func write(_ text: String, to path: String) throws {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let file = Int32(try Files.check("create", path) { Int(open(path, flags, 0o644)) })
    defer { close(file) }
    var text = text
    try text.withUTF8 { try Files.writeAll(UnsafeRawBufferPointer($0), to: file, path: path) }
  }
}

/// What preflight asks of the service manager. The real one is systemd (`SystemdControl`).
package protocol UnitTrial {
  /// Of each unit, in their order.
  func statuses(of units: [String]) throws -> [UnitStatus]
  /// Starts units, hands over how each is then, and stops and forgets them whatever happens.
  func withRunning<Value>(
    _ units: [String], within limit: Duration, _ body: ([UnitStatus]) throws -> Value
  ) throws -> Value
}

extension SystemdControl: UnitTrial {
  package func statuses(of units: [String]) throws -> [UnitStatus] { try manager.statuses(of: units) }

  package func withRunning<Value>(
    _ units: [String], within limit: Duration, _ body: ([UnitStatus]) throws -> Value
  ) throws -> Value {
    defer {
      let stops = units.compactMap { try? manager.enqueue(.stop, $0) }
      _ = try? manager.wait(for: stops, until: .now + limit)
      for unit in units { try? manager.resetFailed(unit) }
    }
    let jobs = try units.map { try manager.enqueue(.start, $0) }
    _ = try manager.wait(for: jobs, until: .now + limit)
    return try body(units.map { try manager.status(of: $0) })
  }
}
