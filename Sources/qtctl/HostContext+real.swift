import Deployment
import Host

extension HostContext {
  /// The host itself: systemd, Redis, the wall clock.
  init(real environment: Environment, services: any ServiceControl, command: String) {
    self.init(
      state: environment.state, services: services,
      prove: { proof, tell in await Verifier(proof).run(progress: tell) }, redis: environment.redis,
      now: { Wall.seconds }, user: Caller.name, command: command)
  }
}
