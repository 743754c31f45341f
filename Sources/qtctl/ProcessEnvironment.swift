import Glibc
import Remote
import Terminal

/// What surrounds the process, set before it does anything, so that whoever calls it, also through sudo, steers nothing
/// but what is documented.
enum ProcessEnvironment {
  /// The variables that are obeyed.
  private static let obeyed = [
    // qtctl's own, and how it shows things.
    "QTCTL_MANIFEST", "QTCTL_BACKUPS", "QTCTL_STATE", "QTCTL_REDIS", "QTCTL_REDIS_USER", "QTCTL_METRICS", "NO_COLOR",
    "TERM", "COLUMNS",
    // Who asked for it, for the history and for the trust in a release.
    "SUDO_USER", "SUDO_UID", "SUDO_GID", "PKEXEC_UID", "USER", "LOGNAME",
    // What a caller on another machine needs; see ServeCommand.
    Served.variable, "EXIT_CODE", "EXIT_STATUS",
    // Completions, and what ssh needs for --host.
    "SHELL", "SAP_SHELL", "SAP_SHELL_VERSION", "SSH_AUTH_SOCK",
  ]

  /// Whether the caller's locale shows ASCII only. First asked before the locale is set.
  static let isASCII = Layout.isASCII { name in getenv(name).map { String(cString: $0) } }

  /// Standard descriptors that are open, a umask and an environment that are known.
  static func settle() {
    // Swift looks for them by /proc/self/maps; without them a deploy would print the help and end with 0.
    if CommandLine.arguments.isEmpty {
      refuse("its arguments cannot be read; see that /proc is mounted and '/proc/self/maps' can be opened")
    }
    raiseStackLimit()
    raiseMemoryLimit()
    // A file that is opened later must never get a number to which messages are written.
    for file in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(file, F_GETFD) == -1 && errno == EBADF {
      _ = open("/dev/null", O_RDWR)
    }
    umask(0o022)
    _ = isASCII
    let kept = obeyed.compactMap { name in getenv(name).map { (name, String(cString: $0)) } }
    clearenv()
    for (name, value) in kept { setenv(name, value, 1) }
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1)
    setenv("LC_ALL", "C.UTF-8", 1)
    if let home = getpwuid(geteuid())?.pointee.pw_dir { setenv("HOME", home, 1) }
    // Names in archives are read by it.
    setlocale(LC_CTYPE, "C.UTF-8")
  }

  /// Threads get the stack that the limit allows when the process begins, and one that is too small is found out only by
  /// a crash: begins anew with a larger one, or ends with a message.
  private static func raiseStackLimit() {
    let least = rlim_t(1 << 20)
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0, limit.rlim_cur < least else { return }
    limit.rlim_cur = least * 8
    limit.rlim_max = max(limit.rlim_max, limit.rlim_cur)
    if setrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0 {
      execv("/proc/self/exe", CommandLine.unsafeArgv)
    }
    refuse("the stack limit is below 1 MiB; raise it with 'ulimit -s 8192'")
  }

  /// A process that gets no memory dies where it is, half way through a transaction. What counts is the address space,
  /// most of which threads reserve and never use.
  private static func raiseMemoryLimit() {
    let least = rlim_t(1 << 30)
    for (kind, option) in [(RLIMIT_AS, "v"), (RLIMIT_DATA, "d")] {
      var limit = rlimit()
      guard getrlimit(__rlimit_resource_t(kind.rawValue), &limit) == 0, limit.rlim_cur < least else { continue }
      limit.rlim_cur = max(least, min(limit.rlim_max, least * 4))  // trap: of constants
      limit.rlim_max = max(limit.rlim_max, limit.rlim_cur)
      guard setrlimit(__rlimit_resource_t(kind.rawValue), &limit) != 0 else { continue }
      refuse("the limit of its memory is below 1 GiB; raise it with 'ulimit -\(option) unlimited'")
    }
  }

  /// What is asked for by a caller on another machine; `nil` where this is none.
  static let served = Served(getenv(Served.variable).map { String(cString: $0) })

  /// The environment, once it is settled: `NAME=value`.
  static var lines: [String] {
    (obeyed + ["PATH", "LC_ALL", "HOME"]).sorted().compactMap { name in
      getenv(name).map { name + "=" + String(cString: $0) }
    }
  }

  private static func refuse(_ what: String) -> Never {
    let message = "qtctl: \(what)\n"
    _ = write(STDERR_FILENO, message, message.utf8.count)
    exit(14)
  }
}
