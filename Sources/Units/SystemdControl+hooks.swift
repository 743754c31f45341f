internal import Basics
package import Deployment
internal import FileOperations
internal import Glibc
internal import Systemd

extension SystemdControl {
  package func reload(_ unit: String, within limit: Duration) throws {
    if let why = environmentHangs(unit) { throw UnitError.notReloaded(unit: unit, why: why) }
    let job: Job
    do throws(SystemdError) {
      job = try manager.enqueue(.reload, unit)
    } catch {
      throw UnitError.notReloaded(unit: unit, why: "\(error)")
    }
    // systemd says itself when its own limit, TimeoutStartSec=, is reached; it may be a moment late.
    let result = try wait(for: job, until: .now + limit + .seconds(1))
    let status = try manager.status(of: unit)
    guard result == .done, status.isActive else {
      let state = "it is \(status.activeState.rawValue) (\(status.subState))"
      let why =
        switch result {
        case nil: "its reload has not ended after \(limit.compactText); \(state)"
        case .done?: "\(state) since the reload"
        case .failed?: "its ExecReload= failed; \(state)"
        case let result?: "its reload ended as '\(result)'; \(state)"
        }
      throw UnitError.notReloaded(unit: unit, why: why)
    }
  }

  package func run(_ hook: HookCall) throws -> HookEnd {
    let scope = hook.scope + ".scope"
    let command =
      [
        "/usr/bin/systemd-run", "--scope", "--quiet", "--collect", "--unit=\(hook.scope)",
        "--description=qtctl: \(hook.title)", "--", hook.program,
      ] + hook.run.dropFirst()
    let run = try BoundedProgram(
      command, in: hook.folder, environment: hook.environment, input: JSON.line(hook.input)
    ).run(within: hook.limit, check: interruption.check) { [manager] signal in
      _ = try? manager.kill(scope, signal: signal, whom: .all)
    }
    return HookEnd(run.end.ofHook, output: run.output)
  }

  package func end(_ hook: HookCall) throws {
    let scope = hook.scope + ".scope"
    guard try manager.kill(scope, signal: SIGKILL, whom: .all) else { return }
    _ = try manager.wait(for: scope, until: .now + .seconds(5)) { $0.activeState.isDown }
  }
}

extension HookCall {
  /// The same whoever runs it: a person's shell, the watchdog or the boot.
  package var environment: [String] {
    [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "USER=root", "LOGNAME=root",
      "SHELL=/bin/sh", "LANG=C.UTF-8", "PWD=\(folder)", "QTCTL_HOOK=\(name.rawValue)",
    ]
  }
}

extension BoundedProgram.End {
  package var ofHook: HookEnd.End {
    switch self {
    case .exited(let status): .exited(status)
    case .signaled(let signal): .signaled(signal)
    case .late: .late
    }
  }
}
