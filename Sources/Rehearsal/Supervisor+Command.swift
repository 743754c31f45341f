internal import Subprocess
internal import SystemPackage

extension Supervisor {
  /// How the supervisor is started: in a mount namespace and a session of its own, so that a Ctrl-C at the owner's
  /// terminal reaches the owner alone.
  static func command(_ configuration: Machine.Configuration, fileSystems: [String]) -> Subprocess.Configuration {
    var options = PlatformOptions()
    options.createSession = true
    let words = fileSystems.map { "mount:\($0)" } + configuration.shown.map { "show:\($0)" }
    return Subprocess.Configuration(
      executable: .path("/usr/bin/unshare"),
      arguments: Arguments(
        ["--mount", "--propagation", "private", "/bin/sh", "-c", text(PackageResources.supervise_sh), "supervise"]
          + words),
      environment: .custom([
        "PATH": Machine.path,
        "REHEARSAL_NAME": configuration.name,
        "REHEARSAL_MEMORY": "\(configuration.memory)",
        "REHEARSAL_UNITS": configuration.units.joined(separator: " "),
        "REHEARSAL_NETWORK": configuration.network.rawValue,
        "REHEARSAL_FURNISH": text(PackageResources.furnish_sh),
      ]),
      platformOptions: options)
  }

  private static func text(_ resource: [UInt8]) -> String {
    String(decoding: resource, as: UTF8.self)
  }
}
