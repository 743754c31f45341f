internal import Subprocess
internal import SystemPackage

/// How the supervisor (Scripts/supervise.sh) is started: in a mount namespace and a session of its own, so that a Ctrl-C
/// at the owner's terminal reaches the owner alone; as a service of systemd where it is to be confined.
struct SupervisorCommand {
  let configuration: Machine.Configuration
  /// Mount points of the host to be copied on write beside its root.
  let fileSystems: [String]

  var subprocess: Subprocess.Configuration {
    var options = PlatformOptions()
    options.createSession = true
    let command = ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", script, "supervise"]
    let words =
      fileSystems.map { "mount:\($0)" } + configuration.shown.map { "show:\($0)" }
      + configuration.written.map { "write:\($0)" }
    guard let confinement = configuration.confinement else {
      return Subprocess.Configuration(
        executable: .path("/usr/bin/unshare"), arguments: Arguments(Array((command + words).dropFirst())),
        environment: .custom(variables),
        platformOptions: options)
    }
    return Subprocess.Configuration(
      executable: .path("/usr/bin/systemd-run"),
      arguments: Arguments(Self.service(confinement) + settings + ["--"] + (command + words).map(Self.escaped)),
      environment: .custom(["PATH": Machine.path]), platformOptions: options)
  }

  private var variables: [Environment.Key: String] {
    [
      "PATH": Machine.path,
      "REHEARSAL_NAME": configuration.name,
      "REHEARSAL_HOSTNAME": configuration.hostName ?? configuration.name,
      "REHEARSAL_MEMORY": "\(configuration.memory)",
      "REHEARSAL_UNITS": configuration.units.joined(separator: " "),
      "REHEARSAL_OWN": configuration.ownUnits.joined(separator: " "),
      "REHEARSAL_ADDRESSES": configuration.addresses.joined(separator: " "),
      "REHEARSAL_NETWORK": configuration.network.rawValue,
      "REHEARSAL_SERVICE": configuration.confinement?.unit ?? "",
      "REHEARSAL_PREPARE": preparation,
    ]
  }

  private var settings: [String] { variables.map { "--setenv=\($0.key.rawValue)=\($0.value)" } }

  private var script: String { Self.text(PackageResources.supervise_sh) }

  private var preparation: String {
    let rest =
      switch configuration.likeness {
      case .none: PackageResources.prepare_root_sh
      case .host: PackageResources.prepare_likeness_sh
      }
    return Self.text(PackageResources.prepare_common_sh) + Self.text(rest)
  }

  /// systemd ends whatever is left of the service once its main process, the supervisor, is gone. Its devices are the
  /// harmless ones, so that not even root in the machine reaches a disk of the host.
  private static func service(_ confinement: Machine.Configuration.Confinement) -> [String] {
    let properties = [
      "Delegate=yes", "KillMode=control-group", "TimeoutStopSec=5s", "OOMPolicy=kill", "DevicePolicy=closed",
      "MemoryMax=\(confinement.memory)", "MemorySwapMax=0", "TasksMax=\(confinement.tasks)",
      // The host's own services come first.
      "CPUWeight=20", "IOWeight=20", "OOMScoreAdjust=900",
      "Description=Rehearsal of qtctl",
    ]
    return ["--quiet", "--pipe", "--wait", "--collect", "--no-ask-password", "--unit=\(confinement.unit)"]
      + properties.map { "--property=\($0)" }
  }

  /// systemd replaces variables in a command line.
  private static func escaped(_ word: String) -> String { word.replacing("$", with: "$$") }

  private static func text(_ resource: [UInt8]) -> String { String(decoding: resource, as: UTF8.self) }
}
