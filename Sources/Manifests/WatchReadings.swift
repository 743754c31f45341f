internal import Basics
internal import Deployment

extension ManifestReading<Manifest.Watch> {
  static var watch: Self {
    section { keys in
      var watch = Manifest.Watch()
      keys.read("for", .duration(atLeast: .seconds(1), atMost: Manifest.Watch.longest), into: &watch.length)
      keys.read("every", .duration(atLeast: .seconds(1)), into: &watch.every)
      keys.read("probe", .duration(atLeast: .seconds(1)), into: &watch.probe)
      keys.read("failures", .integer(1...100), into: &watch.failures)
      watch.slow = keys.read("slow", .duration(atLeast: .milliseconds(1)))
      keys.read("on-failure", .choice(WatchResponse.self), into: &watch.onFailure)
      watch.alarm = keys.read("alarm", .alarm)
      if watch.length < watch.every * watch.failures {
        keys.complain("'for' is too short for \(watch.failures) looks, one every \(watch.every.compactText)")
      }
      return watch
    }
  }
}

extension ManifestReading<Manifest.Hook> {
  /// It may run days after the deploy, when the folder of the release may be gone.
  fileprivate static var alarm: Self {
    section { keys in
      var hook = Manifest.Hook(run: keys.require("run", .program) ?? [], within: Manifest.Watch.usuallyAlarm)
      keys.read("within", .duration(atLeast: .seconds(1)), into: &hook.within)
      return hook
    }
  }
}
