import Basics
import Deployment
import FileOperations
import Systemd

/// A unit asks for a profile of AppArmor that is not loaded, so that it does not start, or that only watches.
enum ApparmorProfiles: Examination {
  static let id = "apparmor.profile"
  private static let setting = "AppArmorProfile="

  static func findings(on host: HostView) -> [Finding] {
    // Where AppArmor is off, systemd passes over the setting.
    guard let bytes = try? Files.read(host.root + "/sys/kernel/security/apparmor/profiles") else { return [] }
    let loaded = modes(String(decoding: bytes, as: UTF8.self))
    return host.services.compactMap { service in
      guard let profile = profile(of: service) else { return nil }
      let name = HostView.quoted(profile)
      guard let mode = loaded[profile] else {
        return Finding(
          service.unit, "its profile of AppArmor, '\(profile)', is not loaded, so that it cannot be started again",
          fix: "grep -rl -- \(name) /etc/apparmor.d | xargs -r apparmor_parser -r")
      }
      guard mode == "complain" else { return nil }
      return Finding(
        service.unit, "its profile of AppArmor, '\(profile)', only complains and keeps it from nothing",
        fix: "aa-enforce \(name)")
    }
  }

  /// The mode of each profile, from lines such as `/usr/sbin/named (enforce)`.
  static func modes(_ text: String) -> [String: String] {
    var modes: [String: String] = [:]
    for line in text.split(separator: "\n") where line.hasSuffix(")") {
      guard let open = line.lastIndex(of: "("), open > line.startIndex else { continue }
      modes[String(line[..<open].dropLast())] = String(line[line.index(after: open)...].dropLast())
    }
    return modes
  }

  /// What the unit's files say last; a `-` before it means that it may be absent.
  private static func profile(of service: UnitStatus) -> String? {
    var found: String?
    for file in [service.fragmentPath].compactMap({ $0 }) + service.dropInPaths {
      guard let bytes = try? Files.read(file), bytes.count < 1 << 20 else { continue }
      for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
        let line = line.trimmingPrefix(while: \.isWhitespace)
        if line.hasPrefix(setting) {
          found = line.dropFirst(setting.count).split(whereSeparator: \.isWhitespace).first.map(String.init)
        }
      }
    }
    guard let found, !found.isEmpty, !found.hasPrefix("-"), !found.contains("%") else { return nil }
    return found
  }
}

/// SELinux is in another mode than after a reboot.
enum SELinuxMode: Examination {
  static let id = "selinux.mode"
  private static let settings = "/etc/selinux/config"

  static func findings(on host: HostView) -> [Finding] {
    guard let isEnforcing = SELinux.isEnforcing(host), let bytes = try? Files.read(host.root + settings) else {
      return []
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard let wanted = lines.last(where: { $0.hasPrefix("SELINUX=") })?.dropFirst(8) else { return [] }
    switch (wanted, isEnforcing) {
    case ("enforcing", false):
      return [
        Finding(
          "SELinux",
          "it refuses nothing now and will after a reboot, as '\(settings)' says: what works may not work then",
          fix: "setenforce 1")
      ]
    case ("permissive", true), ("disabled", true):
      return [
        Finding(
          "SELinux", "it is on, and off after a reboot, as '\(settings)' says",
          fix: "sed -i 's/^SELINUX=.*/SELINUX=enforcing/' \(settings)")
      ]
    default: return []
    }
  }
}

/// Files of a release with a label that services may not read: that of the folder in which they were made.
enum SELinuxLabels: Examination {
  static let id = "selinux.label"
  /// Types of files that nobody labelled, or that were brought from elsewhere (the reference policy).
  private static let foreign: Set<Substring> = ["unlabeled_t", "default_t", "file_t", "tmp_t", "user_tmp_t"]
  /// Those of homes, which are right there.
  private static let homes: Set<Substring> = ["admin_home_t", "user_home_t"]

  static func findings(on host: HostView) throws -> [Finding] {
    guard SELinux.isEnforcing(host) != nil else { return [] }
    var wrong: [String: [(path: String, type: Substring)]] = [:]
    for path in host.files.keys.sorted() {
      guard let label = try FileState.peek(path).xattrs?[FileState.label] else { continue }
      let type = type(String(decoding: Digest.bytes(hex: label), as: UTF8.self))
      let isHome = path.hasPrefix("/home/") || path.hasPrefix("/root/")
      guard foreign.contains(type) || homes.contains(type) && !isHome else { continue }
      wrong[Files.parent(of: path), default: []].append((path, type))
    }
    return wrong.sorted { $0.key < $1.key }.compactMap { folder, files in
      guard let first = files.first else { return nil }
      let more = files.count > 1 ? ", and \(files.count - 1) more in its folder with such labels" : ""
      let (option, place) = files.count > 1 ? ("-Rv", folder) : ("-v", first.path)
      return Finding(
        first.path, "its SELinux label is of the type \(first.type), which services may not read\(more)",
        fix: "restorecon \(option) \(HostView.quoted(place))")
    }
  }

  /// The third part of a label such as `system_u:object_r:bin_t:s0`, which may end with a zero byte.
  static func type(_ label: String) -> Substring {
    label.split(separator: ":").dropFirst(2).first.map { $0.prefix { $0 != "\0" } } ?? ""
  }
}

enum SELinux {
  /// `nil`: it is off.
  static func isEnforcing(_ host: HostView) -> Bool? {
    let bytes = try? Files.read(host.root + "/sys/fs/selinux/enforce")
    return bytes?.first.map { $0 == UInt8(ascii: "1") }
  }
}
