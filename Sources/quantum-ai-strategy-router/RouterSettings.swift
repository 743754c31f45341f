internal import ServiceRuntime

/// What the router is told by its environment; `units/router.env` describes each key.
struct RouterSettings: Sendable {
  var common: CommonSettings

  init(_ environment: inout EnvironmentReader) throws(EnvironmentError) {
    common = try CommonSettings(&environment, batch: 256)
  }
}
